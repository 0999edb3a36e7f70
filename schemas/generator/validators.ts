import standaloneModule from "ajv/dist/standalone/index.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import { build } from "esbuild";
import { SCHEMA_NAMES } from "../registry.ts";
import { MAX_VIOLATIONS } from "../violation.ts";
import type { AnySchemaObject } from "ajv/dist/2020.js";
import { MARK, plain, withoutAnnotations } from "./json-schema.ts";

// A CommonJS module, whose default export Node hands over inside another.
const standaloneCode = ((standaloneModule as unknown as { default?: unknown }).default ??
  standaloneModule) as typeof standaloneModule.default;

/** An Ajv that knows every type, strict, as the generator uses it. */
export function ajvWithAll(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    // Scalars where they stand, not by a call: an instant has five keywords. Larger types are shared.
    inlineRefs: 5,
    messages: false,
    allowUnionTypes: true,
    strictRequired: false,
    allErrors: true,
    code: { source: true, esm: true, lines: true },
  });
  // No schema asks which members were evaluated. The bookkeeping of it keeps bundlers from dropping what is unused.
  ajv.opts.unevaluated = false;
  for (const name of SCHEMA_NAMES) ajv.addSchema(withoutAnnotations(plain(name)) as AnySchemaObject);
  return ajv;
}

/**
 * Ajv either stops at the first error or lists them all. A list of half a million wrong elements would make as many errors, so every loop
 * over elements or members ends once {@link MAX_VIOLATIONS} are found.
 */
export function boundLoops(code: string): string {
  const loops = code.match(/\bfor\(/g)?.length ?? 0;
  let bounded = 0;
  const counted = (text: string): string => {
    bounded += 1;
    return text;
  };
  const bound = code
    .replaceAll(/for\(let (i\d+)=0; \1<(len\d+); \1\+\+\)\{/g, (_, index: string, length: string) =>
      counted(`for(let ${index}=0; ${index}<${length} && errors<${MAX_VIOLATIONS}; ${index}++){`),
    )
    .replaceAll(/for\(const (key\d+) in (data\d*)\)\{/g, (_, key: string, data: string) =>
      counted(`for(const ${key} in ${data}){if(errors>=${MAX_VIOLATIONS})break;`),
    );
  if (bounded !== loops)
    throw new Error(`${loops - bounded} of ${loops} loops in the validators could not be bounded`);
  return bound;
}

/** A text has no more code points than code units, so those are counted only where the units alone don't tell. */
export function countWhereNeeded(code: string): string {
  return code
    .replaceAll(/func\d+\((data\d*)\) < 1\)/g, "$1.length < 1)")
    .replaceAll(/(func\d+\((data\d*)\) > (\d+))\)/g, "$2.length > $3 && $1)");
}

/** The module with one validator per type: ESM, without `require` and without code made at run time. */
export async function validatorsModule(): Promise<string> {
  const ajv = ajvWithAll();
  const names = Object.fromEntries(SCHEMA_NAMES.map((name) => [name, String(plain(name)["$id"])]));
  // Nobody reads the place in the schema; it is a seventh of the module.
  const code = countWhereNeeded(boundLoops(standaloneCode(ajv, names))).replaceAll(
    /schemaPath:"[^"\\]*",/g,
    "",
  );
  const bundle = await build({
    stdin: { contents: code, resolveDir: import.meta.dirname, loader: "js" },
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    mainFields: ["main"],
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: true,
    legalComments: "none",
    charset: "utf8",
    write: false,
    banner: { js: `// ${MARK}` },
  });
  return bundle.outputFiles[0]!.text;
}

/** The types of {@link validatorsModule}. */
export function validatorsTypes(): string {
  const lines = SCHEMA_NAMES.map((name) => `export declare const ${name}: Validator;`);
  return `// ${MARK}
export interface Validator {
  (value: unknown): boolean;
  errors?: { instancePath: string; keyword: string; params: Record<string, unknown> }[] | null;
}
${lines.join("\n")}
`;
}
