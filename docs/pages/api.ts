import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Application } from "typedoc";
import { ROOT } from "../root.ts";
import type { Page } from "./pages.ts";

/** What typedoc-plugin-markdown adds to TypeDoc's options. */
interface MarkdownOptions {
  outputFileStrategy: "modules";
  entryFileName: string;
  hidePageHeader: boolean;
  hideBreadcrumbs: boolean;
  useCodeBlocks: boolean;
  parametersFormat: "table";
  interfacePropertiesFormat: "table";
  typeAliasPropertiesFormat: "table";
}

/** The reference of what the package exports, a page for each of the paths that can be imported. */
export async function api(): Promise<Page[]> {
  const folder = mkdtempSync(join(tmpdir(), "mirubato-sync-api-"));
  try {
    const options: Record<string, unknown> = {
      entryPoints: Object.values(entryPoints()),
      tsconfig: join(ROOT, "docs/tsconfig.api.json"),
      plugin: ["typedoc-plugin-markdown"],
      readme: "none",
      name: "API",
      disableSources: true,
      skipErrorChecking: true,
      excludeInternal: true,
      excludePrivate: true,
      logLevel: "Error",
      basePath: ROOT,
      outputs: [{ name: "markdown", path: folder }],
      ...markdown,
    };
    const application = await Application.bootstrapWithPlugins(options);
    const project = await application.convert();
    if (!project) throw new Error("TypeDoc could not read the exports");
    for (const module of project.children ?? []) module.name = importedAs(module.name);
    await application.generateOutputs(project);
    return globSync("**/*.md", { cwd: folder }).map((file) => {
      const content = readFileSync(join(folder, file), "utf8");
      const title = /^# (.+)$/m.exec(content)![1]!.replaceAll("\\", "");
      return {
        path: `api/${file}`,
        content: title === "API" ? content.replace("# API\n", `# API\n\n${WHAT_FOR}\n`) : content,
        data: { title },
      };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Above the list of the modules. */
const WHAT_FOR = "<!-- include: README.md#Use it as a package -->";

const markdown: MarkdownOptions = {
  outputFileStrategy: "modules",
  entryFileName: "README",
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
};

/** By the path that is imported: the source of what `exports` in package.json names. */
function entryPoints(): Record<string, string> {
  const { exports: paths } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    exports: Record<string, string | { default: string }>;
  };
  return Object.fromEntries(
    Object.entries(paths)
      .map(([path, named]) => [path, typeof named === "string" ? named : named.default] as const)
      .map(([path, file]) => [path, join(ROOT, file.replace("./dist/", "").replace(/\.js$/, ".ts"))] as const)
      .filter(([, file]) => file.endsWith(".ts") && existsSync(file)),
  );
}

/** TypeDoc names a module by its file. */
function importedAs(module: string): string {
  const found = Object.entries(entryPoints()).find(
    ([, file]) => file === join(ROOT, `${module}.ts`) || file === join(ROOT, module, "index.ts"),
  );
  return found === undefined ? module : `mirubato-sync${found[0].slice(1)}`;
}
