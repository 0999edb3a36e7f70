import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MANIFEST, OLDEST_NODE, pack, Project, ROOT, run, succeed } from "./testing/packed.ts";
import type { Packed } from "./testing/packed.ts";

/** Modules that any Node can import without a peer. */
const PLAIN = Object.keys(MANIFEST.exports)
  .filter((name) => !/\*|\.json$|client\/react$|server\/worker$|conformance\/vitest$/.test(name))
  .map((name) => name.replace(".", "mirubato-sync"));
const FILES = [
  "mirubato-sync/schemas/openapi.json",
  "mirubato-sync/schemas/asyncapi.json",
  "mirubato-sync/schemas/json-schema/push_request.json",
  "mirubato-sync/spec/vectors/merge.json",
  "mirubato-sync/spec/revisions/1.0.json",
  "mirubato-sync/package.json",
];
const HEAVY = ["miniflare", "workerd", "playwright-core", "vitest", "react", "wrangler", "ajv", "esbuild"];

const project = new Project();
const oldest = new Project();
const nodes = {
  [`Node ${OLDEST_NODE}, the oldest`]: join(oldest.folder, "node_modules/node/bin/node"),
  "the current Node": process.execPath,
};
let packed: Packed;

beforeAll(async () => {
  await Promise.all([
    oldest.install(`node@${OLDEST_NODE}`),
    (async () => {
      packed = await pack(project.folder);
      await project.install(packed.tarball);
    })(),
  ]);
}, 180_000);

afterAll(() => {
  project.remove();
  oldest.remove();
}, 60_000);

const inProject = (file: string): string => join(project.folder, "node_modules/mirubato-sync", file);
const cli = (node: string, ...words: string[]) =>
  run(node, [inProject("dist/bin/mirubato-sync.js"), ...words], { cwd: project.folder });
const script = (node: string, code: string) =>
  succeed(node, ["--input-type=module", "--eval", code], { cwd: project.folder });

describe("what is packed", () => {
  it("is the build, the plain files, and what explains them; below 5 MB", () => {
    const meant =
      /^(dist\/(bin|conformance|reference-client|reference-server|schemas|spec)\/|schemas\/(README\.md|generated\/.*\.json)$|spec\/([\w-]+\.md|(vectors|revisions)\/[\w.-]+\.(json|md))$|reference-(client|server)\/README\.md$|examples\/adapter-template\/|(README|CHANGELOG)\.md$|LICENSE$|package\.json$)/;
    const not =
      /\.test\.|\/testing\/|\/soak|\.page\.|dist\/spec\/search|\/generator\/|\.env|\.sqlite|(?<!\.d)\.ts$/;
    const paths = packed.files.map(({ path }) => path);
    expect(paths.filter((path) => !meant.test(path) || not.test(path))).toEqual([]);
    expect(paths).toEqual(
      expect.arrayContaining([
        "CHANGELOG.md",
        "LICENSE",
        "dist/reference-server/wrangler.toml",
        "dist/reference-server/migrations/0001_initial.sql",
        "dist/reference-server/workerd-guard.sh",
        "schemas/generated/openapi.json",
        "spec/push.md",
        "spec/vectors/merge.json",
      ]),
    );
    expect(packed.size).toBeLessThan(5_000_000);
  });

  it("has source maps that hold their sources", () => {
    const maps = packed.files.filter(({ path }) => path.endsWith(".js.map"));
    expect(maps.length).toBeGreaterThan(100);
    const without = maps.filter(({ path }) => {
      const map = JSON.parse(readFileSync(inProject(path), "utf8")) as { sourcesContent?: unknown[] };
      return !map.sourcesContent?.every((source) => typeof source === "string");
    });
    expect(without).toEqual([]);
  });

  it("is clean for publint and for attw", async () => {
    const where = { cwd: ROOT };
    const tools = join(ROOT, "node_modules");
    const [linted, types] = await Promise.all([
      run(process.execPath, [join(tools, "publint/src/cli.js"), "--strict", packed.tarball], where),
      run(
        process.execPath,
        [
          join(tools, "@arethetypeswrong/cli/dist/index.js"),
          "--profile",
          "esm-only",
          "-f",
          "ascii",
          packed.tarball,
        ],
        where,
      ),
    ]);
    expect(linted).toMatchObject({ status: 0, out: expect.stringContaining("All good!") });
    expect(types.status, types.out).toBe(0);
  }, 120_000);
});

describe("installed in an empty project", () => {
  it("brings nothing heavy along", () => {
    const there = readdirSync(join(project.folder, "node_modules"));
    expect(HEAVY.filter((name) => there.includes(name))).toEqual([]);
  });

  it.for(["schemas/validators", "spec", "client", "client/browser"])(
    "%s reaches no package of the command line's, and nothing of Node's",
    async (name) => {
      const { metafile } = await build({
        stdin: { contents: `export * from "mirubato-sync/${name}"`, resolveDir: project.folder },
        bundle: true,
        format: "esm",
        platform: "browser",
        write: false,
        metafile: true,
      });
      const packages = Object.keys(metafile.inputs).flatMap(
        (file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
      );
      const others = [...new Set(packages)].filter((one) => one !== "mirubato-sync");
      expect(others).toEqual(name === "client/browser" ? ["idb"] : []);
    },
  );

  for (const [name, node] of Object.entries(nodes)) {
    it(`${name} imports each export`, async () => {
      const code = `
        for (const name of ${JSON.stringify(PLAIN)}) console.log(name, Object.keys(await import(name)).length > 0);
        for (const name of ${JSON.stringify(FILES)})
          console.log(name, typeof (await import(name, { with: { type: "json" } })).default);`;
      const expected = [...PLAIN.map((one) => `${one} true`), ...FILES.map((one) => `${one} object`), ""];
      expect((await script(node, code)).split("\n")).toEqual(expected);
    }, 60_000);

    it(`${name} runs the command line`, async () => {
      const [version, explained, simulate, serve] = await Promise.all([
        cli(node, "--spec-version"),
        cli(node, "explain", "PUSH-001"),
        cli(node, "simulate", "--help"),
        cli(node, "serve", "--port", "0"),
      ]);
      expect(version.out).toContain(`package ${MANIFEST.version}\n`);
      expect(explained.out).toMatch(
        /^PUSH-001 {2}server MUST, profile http, spec\/push\.md:\d+\n[^]*catches /,
      );
      expect(simulate.out).toMatch(/^Usage: mirubato-sync simulate/);
      const miniflare = `miniflare@${MANIFEST.devDependencies["miniflare"]}`;
      expect(serve).toEqual({
        status: 2,
        out: "",
        err: `mirubato-sync: the reference server runs on Miniflare, which is not installed: npm install --save-dev ${miniflare}\n`,
      });
    }, 60_000);
  }
});

it.each([
  ["conformance/vitest", "Vitest: npm install --save-dev vitest"],
  ["client/react", "React: npm install react"],
])("%s says how to install what it needs", async (name, needs) => {
  const code = `await import("mirubato-sync/${name}").catch(({ message }) => console.log(message))`;
  expect(await script(process.execPath, code)).toBe(`mirubato-sync/${name} needs ${needs}\n`);
});

describe("with the peers installed", () => {
  beforeAll(() => {
    for (const name of [
      "miniflare",
      "react",
      "vitest",
      "@types/react",
      "@types/node",
      "@cloudflare/workers-types",
    ])
      project.link(name);
  });

  for (const [name, node] of Object.entries(nodes)) {
    it(`${name} serves the reference, and checks it`, async () => {
      // The program as npm links it, started by the Node that is first on the PATH.
      const env = { PATH: `${join(node, "..")}:${process.env["PATH"]}` };
      const start = "node_modules/.bin/mirubato-sync serve --port {port}";
      const args = ["test", "server", "--start", start, "--only", "PUSH-001,RT-001"];
      const words = [inProject("dist/bin/mirubato-sync.js"), ...args];
      const { status, out, err } = await run(node, words, { cwd: project.folder, env });
      expect(status, out + err).toBe(0);
      expect(out).toMatch(/requirements: 2 passed\n/);
    }, 60_000);
  }

  it("has hooks for React in Node, too", async () => {
    const code = `console.log(Object.keys(await import("mirubato-sync/client/react")).join())`;
    expect(await script(process.execPath, code)).toBe("useEntities,useEntity,useSyncStatus\n");
  });

  it("is deployed by the wrangler.toml that comes along", async () => {
    const toml = readFileSync(inProject("dist/reference-server/wrangler.toml"), "utf8");
    project.write("wrangler.toml", toml);
    const wrangler = [
      join(ROOT, "node_modules/wrangler/bin/wrangler.js"),
      "deploy",
      "--dry-run",
      "--outdir",
      "out",
    ];
    const out = await succeed(process.execPath, [...wrangler, "--env", "production"], {
      cwd: project.folder,
    });
    expect(out).toMatch(/env\.USERS \(UserObject\)[^]*env\.DB \(mirubato-sync-production\)/);
    expect(toml).toContain('migrations_dir = "node_modules/mirubato-sync/dist/reference-server/migrations"');
  }, 60_000);

  const resolutions = {
    // Without a type of Node's or Cloudflare's, and every declaration judged.
    plain: { module: "nodenext", types: [], skipLibCheck: false },
    all: { module: "esnext", moduleResolution: "bundler", types: ["node"], skipLibCheck: true },
  };
  for (const [which, options] of Object.entries(resolutions)) {
    it(`has types for TypeScript: ${which}`, async () => {
      const neutral = /schemas|mirubato-sync\/spec$|client$|client\/browser$/;
      const everything = [
        ...PLAIN,
        ...["client/react", "server/worker", "conformance/vitest"].map((n) => `mirubato-sync/${n}`),
      ];
      const names = everything.filter(
        (name) => !name.endsWith(".json") && (which === "all" || neutral.test(name)),
      );
      // A member that is not there: each has types of its own, and is not any.
      const lines = names.map(
        (name, index) => `import * as m${index} from "${name}";\n// @ts-expect-error\nm${index}.nowhere;`,
      );
      project.write(`${which}.ts`, `${lines.join("\n")}\nexport {};\n`);
      const compilerOptions = {
        noEmit: true,
        strict: true,
        target: "es2023",
        lib: ["es2024", "dom", "dom.iterable"],
        ...options,
      };
      project.write(`${which}.json`, JSON.stringify({ compilerOptions, files: [`${which}.ts`] }));
      const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
      const { status, out } = await run(process.execPath, [tsc, "-p", `${which}.json`], {
        cwd: project.folder,
      });
      expect(out).toBe("");
      expect(status).toBe(0);
    }, 90_000);
  }
});
