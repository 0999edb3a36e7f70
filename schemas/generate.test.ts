import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { generate, stale } from "./generate.ts";
import { MARK } from "./generator/json-schema.ts";
import { boundLoops } from "./generator/validators.ts";
import { schemaId } from "./define.ts";
import type { JsonObject } from "./json.ts";
import { SCHEMA_NAMES, SCHEMAS } from "./registry.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");
let files: Map<string, string>;

beforeAll(async () => {
  files = await generate();
}, 30_000);

test("the generated files are what the schemas say; else run `npm run generate`", async () => {
  expect(await stale(files)).toEqual([]);
});

test("the output is the same every time, and says that it is generated", async () => {
  expect(await generate()).toEqual(files);
  for (const [path, text] of files) expect(text, path).toContain(MARK);
});

test("a changed, missing or left-over file is stale", async () => {
  const other = new Map(files);
  other.set("openapi.json", "{}");
  other.set("new.json", "{}");
  other.delete("json-schema/goal.json");
  expect(await stale(other)).toEqual(["json-schema/goal.json", "new.json", "openapi.json"]);
});

describe.each(SCHEMA_NAMES)("json-schema/%s.json", (name) => {
  test("stands alone, is strictly valid 2020-12, describes every member, and accepts its examples", () => {
    const schema = JSON.parse(files.get(`json-schema/${name}.json`)!) as JsonObject;
    expect(schema["$id"]).toBe(schemaId(name));
    expect(SCHEMAS[name].$id).toBe(schemaId(name));
    expect(schema["$schema"]).toBe("https://json-schema.org/draft/2020-12/schema");

    const check = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);
    for (const example of (schema["examples"] ?? []) as unknown[]) expect(check(example)).toBe(true);

    expect(schema["description"]).toBeTypeOf("string");
    for (const [member, inner] of Object.entries(
      (schema["properties"] ?? {}) as Record<string, JsonObject>,
    )) {
      expect(inner["description"], member).toBeTypeOf("string");
    }
  });
});

describe("validators.js", () => {
  test("needs no module and makes no code at run time, so that it runs in workerd and browsers", async () => {
    const text = files.get("validators.js")!;
    const code = text.replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""');
    expect(code).not.toMatch(/\brequire\(|\bnew Function\b|\beval\(|\bimport\b|\bprocess\b/);
    const bundle = await build({
      stdin: { contents: text },
      bundle: true,
      platform: "browser",
      write: false,
      metafile: true,
    });
    expect(Object.keys(bundle.metafile.inputs)).toEqual(["<stdin>"]);
    expect(bundle.warnings).toEqual([]);
  });

  test("a loop of a form that can't be bounded stops the generator", () => {
    expect(boundLoops("for(let i0=0; i0<len0; i0++){}")).toContain("errors<");
    expect(() => boundLoops("for(const x of y){}")).toThrow("1 of 1 loops");
  });

  test("counts code points, not code units", async () => {
    const { entity_id: isEntityId } = await import("./generated/validators.js");
    for (const [id, fits] of [
      ["", false],
      ["a".repeat(255), true],
      ["a".repeat(256), false],
      ["𝄞".repeat(255), true],
      ["𝄞".repeat(256), false],
    ] as const)
      expect(isEntityId(id), `${id.slice(0, 2)} × ${id.length}`).toBe(fits);
  });
});

test.each(["openapi.json", "asyncapi.json"])(
  "%s passes a public validator",
  async (file) => {
    const args = ["node_modules/@redocly/cli/bin/cli.js", "lint", "--config", "schemas/redocly.yaml"];
    const { stderr } = await run(process.execPath, [...args, `schemas/generated/${file}`], {
      cwd: root,
      env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
    });
    expect(stderr).toContain("Your API description is valid");
  },
  30_000,
);

test("asyncapi.json: each example is what its message says, by the rules of draft 7", () => {
  const { components } = JSON.parse(files.get("asyncapi.json")!) as {
    components: { messages: Record<string, { examples: { payload: JsonObject }[] }> };
  };
  const ajv = new Ajv({ strict: false });
  ajv.addSchema({ $id: "asyncapi", components });
  for (const [name, { examples }] of Object.entries(components.messages)) {
    const check = ajv.getSchema(`asyncapi#/components/schemas/${name}`)!;
    for (const { payload } of examples) expect(check(payload), name).toBe(true);
  }
  const created = ajv.getSchema("asyncapi#/components/schemas/ws_entry_created")!;
  expect(created({ type: "ENTRY_CREATED", entry: { id: "e", deletedAt: 0 } })).toBe(true);
  expect(created({ type: "ENTRY_CREATED", entry: { id: "e" } })).toBe(false);
  const told = ajv.getSchema("asyncapi#/components/schemas/ws_server_entry_deleted")!;
  const [deleted] = components.messages["ws_server_entry_deleted"]!.examples;
  const live = components.messages["ws_server_entry_created"]!.examples[0]!.payload["meta"]!;
  expect(told({ ...deleted!.payload, meta: live })).toBe(false);
});

test.each(["pull_response", "push_request", "logbook_entry", "client_message", "server_message"])(
  "%s is accepted by a code generator for Python and Go",
  async (name) => {
    const folder = await mkdtemp(join(tmpdir(), "schemas-"));
    try {
      for (const [language, out] of [
        ["python", "types.py"],
        ["go", "types.go"],
      ] as const) {
        const target = join(folder, out);
        const source = `schemas/generated/json-schema/${name}.json`;
        const args = ["--lang", language, "--src-lang", "schema", "--src", source, "--out", target];
        await run(
          process.execPath,
          ["node_modules/quicktype/dist/index.js", "--telemetry", "disable", ...args],
          { cwd: root },
        );
        expect(await readFile(target, "utf8")).toMatch(
          language === "go" ? /^type \w+ struct/m : /^class \w+/m,
        );
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  },
  60_000,
);
