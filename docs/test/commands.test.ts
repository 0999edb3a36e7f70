import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { loadRequirements } from "../../spec/requirements.ts";
import { ROOT } from "../root.ts";

/** Whatever tells a reader what to type. */
const TEXTS = globSync(
  [
    "*.md",
    "docs/README.md",
    "docs/content/**/*.md",
    "{examples,reference-*,bench,spec,schemas}/**/README.md",
  ],
  { cwd: ROOT, exclude: ["**/node_modules/**"] },
).map((file) => ({ file, text: readFileSync(join(ROOT, file), "utf8").replaceAll("\\\n", " ") }));

interface Command {
  file: string;
  /** Such as `test server`; empty for the program itself. */
  name: string;
  flags: string[];
}

/** Each call of the command line; one in quotes, as another's argument, is a call of its own. */
function commands(): Command[] {
  return TEXTS.flatMap(({ file, text }) =>
    [...text.matchAll(/(["'`]?)npx mirubato-sync\b([^\n]*)/g)].map(([, quote, line]) => {
      const own = (quote === "" ? line! : line!.split(quote!)[0]!)
        .replace(/"[^"]*"|'[^']*'/g, "…")
        .split(/[`#|;)]|&&/)[0]!;
      const [, name = ""] = /^ ((?:test )?[a-z][a-z-]*)/.exec(own) ?? [];
      return { file, name, flags: [...own.matchAll(/\s(--[a-z][a-z-]*)/g)].map(([, flag]) => flag!) };
    }),
  );
}

it("names only commands and flags that there are", async () => {
  const all = commands();
  const program = join(ROOT, "dist/bin/mirubato-sync.js");
  const helps = new Map(
    await Promise.all(
      [...new Set(all.map(({ name }) => name))].map(async (name) => {
        const words = [program, ...name.split(" ").filter((word) => word !== ""), "--help"];
        const { stdout } = await promisify(execFile)(process.execPath, words);
        return [name, stdout] as const;
      }),
    ),
  );
  expect(
    [...helps].filter(([name, help]) => !help.startsWith(`Usage: mirubato-sync ${name}`.trim())),
  ).toEqual([]);
  const unknown = all.flatMap(({ file, name, flags }) =>
    flags
      .filter((flag) => !new RegExp(`${flag}\\b(?!-)`).test(helps.get(name)!))
      .map((flag) => ({ file, name, flag })),
  );
  expect(unknown).toEqual([]);
  expect(all.length).toBeGreaterThan(50);
});

it("names only scripts that there are", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object };
  const named = TEXTS.flatMap(({ file, text }) =>
    [...text.matchAll(/npm (?:run )?(start|test|(?<=run )[a-z][a-z:-]*)/g)].map(([, script]) => ({
      file,
      script: script!,
    })),
  );
  expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
});

it("leads a young server through every area", () => {
  const guide = readFileSync(join(ROOT, "docs/content/guides/check-your-server.md"), "utf8");
  const areas = new Set(
    loadRequirements()
      .filter(({ role, profile }) => role === "server" && ["http", "realtime"].includes(profile))
      .map(({ id }) => id.split("-")[0]!),
  );
  expect([...areas].filter((area) => !guide.includes(`\`${area}\``))).toEqual([]);
});

it("has an adapter that was made from the template, as its guide says", () => {
  const protocolOf = (folder: string): string =>
    readFileSync(join(ROOT, "examples", folder, "adapter.py"), "utf8").split("# From here on")[1]!;
  expect(protocolOf("python-client")).toBe(protocolOf("adapter-template"));
});
