import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const HOUSES = [
  "schemas",
  "spec",
  "reference-server",
  "reference-client",
  "conformance",
  "bin",
  "bench",
  "docs",
  "examples",
  "scripts",
];
/**
 * `schemas ← spec ← {reference-server, reference-client, conformance}`; only bin and bench import them all. docs shows them, and its playground
 * puts the reference client and the suite's model into one page: a composition root, too, that nothing imports.
 */
const MAY_IMPORT: Record<string, string[]> = {
  schemas: [],
  spec: ["schemas"],
  "reference-server": ["schemas", "spec"],
  "reference-client": ["schemas", "spec"],
  conformance: ["schemas", "spec"],
  bin: ["schemas", "spec", "reference-server", "reference-client", "conformance"],
  bench: ["schemas", "spec", "reference-server", "reference-client", "conformance", "bin"],
  docs: ["schemas", "spec", "reference-client", "conformance"],
  examples: ["schemas", "spec", "reference-client"],
  scripts: ["schemas", "spec", "reference-server", "reference-client", "conformance", "bin"],
};
const IMPORT = /(?:^|[^\w.])(?:import|from|export\s+\*\s+from)\s*\(?\s*["']([^"'\n]+)["']/g;

interface Import {
  /** Relative to the root, as all paths here. */
  file: string;
  /** A path for an import of ours, else the specifier. */
  target: string;
  ours: boolean;
}

function sources(): string[] {
  return HOUSES.flatMap((house) => {
    try {
      return readdirSync(join(ROOT, house), { recursive: true, encoding: "utf8" })
        .filter((name) => /\.[mc]?[jt]s$/.test(name) && !/^(generated|node_modules)\b/.test(name))
        .map((name) => `${house}/${name}`);
    } catch {
      return [];
    }
  });
}

function importsOf(file: string): Import[] {
  const text = withoutComments(readFileSync(join(ROOT, file), "utf8"));
  return [...text.matchAll(IMPORT)].map((match) => {
    const specifier = match[1]!;
    const ours = specifier.startsWith(".");
    const target = ours ? relative(ROOT, join(ROOT, dirname(file), specifier)) : specifier;
    return { file, target, ours };
  });
}

function withoutComments(text: string): string {
  return text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
}

const house = (path: string): string => path.split("/")[0]!;
const ALL = sources().flatMap(importsOf);
const within = (folder: string): Import[] => ALL.filter(({ file }) => file.startsWith(`${folder}/`));
const shown = (imports: Import[]): string[] => imports.map(({ file, target }) => `${file} imports ${target}`);

describe("imports run one way", () => {
  it("reads the imports at all", () => {
    expect(ALL.length).toBeGreaterThan(100);
  });

  for (const [from, allowed] of Object.entries(MAY_IMPORT)) {
    it(`${from} imports ${allowed.join(", ") || "no other part"}`, () => {
      const wrong = within(from).filter(
        ({ target, ours }) =>
          ours &&
          HOUSES.includes(house(target)) &&
          house(target) !== from &&
          !allowed.includes(house(target)),
      );
      expect(shown(wrong)).toEqual([]);
    });
  }

  it("schemas imports TypeBox alone, its generator and tests apart", () => {
    const wrong = within("schemas").filter(
      ({ file, target, ours }) =>
        !ours &&
        !target.startsWith("@sinclair/typebox") &&
        !/\.test\.ts$|^schemas\/(generate\.ts|generator\/)/.test(file),
    );
    expect(shown(wrong)).toEqual([]);
  });

  it("spec/rules has no clock, no randomness, no I/O", () => {
    const rules = sources().filter((file) => file.startsWith("spec/rules/") && !file.endsWith(".test.ts"));
    expect(shown(rules.flatMap(importsOf).filter(({ ours }) => !ours))).toEqual([]);
    const impure =
      /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b|\bperformance\b|\bprocess\.|\bfetch\(/;
    const wrong = rules.filter((file) =>
      impure.test(withoutComments(readFileSync(join(ROOT, file), "utf8"))),
    );
    expect(wrong).toEqual([]);
  });

  it("cloudflare:* only in worker.ts and the server's adapters", () => {
    const wrong = ALL.filter(
      ({ file, target }) =>
        target.startsWith("cloudflare:") && !/^reference-server\/(worker\.ts|adapters\/)/.test(file),
    );
    expect(shown(wrong)).toEqual([]);
  });

  it("checks assert literals and vectors, never the rules that the model uses", () => {
    const wrong = within("conformance/checks").filter(
      // Mutants deform the model, which does use them.
      ({ file, target }) => target.startsWith("spec/rules") && !file.endsWith(".mutants.ts"),
    );
    expect(shown(wrong)).toEqual([]);
  });

  it("of the client only its adapters use node: and IndexedDB", () => {
    const wrong = within("reference-client").filter(
      ({ file, target }) => target.startsWith("node:") && !/adapters\/|testing\/|\.test\.ts$/.test(file),
    );
    expect(shown(wrong)).toEqual([]);
  });
});
