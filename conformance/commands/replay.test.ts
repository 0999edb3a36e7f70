import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../run/result.ts";
import { packageRoot } from "../versions.ts";

const BIN = join(packageRoot(), "bin", "mirubato-sync.ts");
const serve = (more = ""): string => `"${process.execPath}" "${BIN}" serve --model --port {port}${more}`;
const FAULTY = serve(" --mutant last-arrival-wins");

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "replay-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function cli(...words: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...words], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, out: stdout, err: stderr };
}

describe("a history that a faulty server had", { timeout: 120_000 }, () => {
  let first: ReturnType<typeof cli>;
  let result: RunResult;
  let file: string;
  beforeAll(() => {
    const only = ["--only", "CONS-003/random-histories", "--histories", "3", "--seed", "b"];
    first = cli("test", "server", "--start", FAULTY, ...only, "--report", "json=result.json");
    result = JSON.parse(readFileSync(join(folder, "result.json"), "utf8")) as RunResult;
    file = join("histories", readdirSync(join(folder, "histories"))[0]!);
  }, 120_000);

  it("is made smaller, drawn, saved, and counted", () => {
    expect(first.status).toBe(1);
    const [check] = result.checks;
    expect(check?.history).toMatchObject({ reproduced: true });
    expect(check?.history?.steps).toBeLessThan(check!.history!.of);
    expect(first.out).toMatch(/ +actual\n +[A-Z]\d.* server\n +│[─│ ]*▶│ /);
    expect(first.out).toContain(`again     npx mirubato-sync replay ${file} `);
    expect(result.histories?.played).toBe(3);
  });

  it("shows again on that server, and not on one that conforms", () => {
    const again = cli("replay", file, "--start", FAULTY);
    expect(again.out).toContain("reproduced: the history breaks the same property again");
    expect(again.status).toBe(1);
    const good = cli("replay", file, "--start", serve());
    expect(good.out).toContain("it was saved for CONS-003/random-histories: ");
    expect(good.out).toContain("not reproduced: each time the history was consistent");
    expect(good.status).toBe(0);
  });
});

describe("a file that is none", () => {
  it.each([
    ["missing.json", undefined, "replay: missing.json can't be read (ENOENT)"],
    ["old.json", `{"format":"mirubato-sync schedule 0"}`, `"format" must be "mirubato-sync schedule 1"`],
  ])("is told by name, status 2: %s", (name, text, words) => {
    if (text !== undefined) writeFileSync(join(folder, name), text);
    const { status, err, out } = cli("replay", name, "--url", "http://127.0.0.1:9");
    expect(err).toContain(words);
    expect(`${out}${err}`).not.toMatch(/\n\s+at /);
    expect(status).toBe(2);
  });
});
