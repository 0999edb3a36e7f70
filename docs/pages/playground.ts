import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../root.ts";
import type { Page } from "./pages.ts";

const FOLDER = join(ROOT, "docs/playground");

/** `playground/page.md` around the script that `playground/main.ts` is bundled to. */
export function playground(): Page[] {
  const text = join(FOLDER, "page.md");
  if (!existsSync(text)) return [];
  return [
    {
      path: "playground/index.md",
      content: readFileSync(text, "utf8"),
      data: {
        title: "Playground",
        source: { file: "docs/playground/page.md" },
        kind: "wide",
        scripts: ["/playground/main.js"],
        styles: existsSync(join(FOLDER, "main.css")) ? ["/playground/main.css"] : [],
      },
    },
  ];
}
