import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { close, createIndex } from "pagefind";

/** Indexes the pages that stand in a folder, for the search that works without a server's help. */
export async function writeSearchIndex(folder: string): Promise<void> {
  const { index, errors } = await createIndex({});
  if (!index) throw new Error(`the search index can't be made: ${errors.join("; ")}`);
  await index.addDirectory({ path: folder });
  const { files } = await index.getFiles();
  // The search's own page is ours: of Pagefind's it needs none.
  for (const { path, content } of files.filter((file) => !/-ui\.|highlight|wasm\.unknown/.test(file.path))) {
    const file = join(folder, "pagefind", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  await close();
}
