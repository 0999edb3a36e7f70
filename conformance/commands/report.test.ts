import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkOf, mixedRun, runOf } from "../reporters/testing/runs.ts";
import { UsageError } from "../run/select.ts";
import { reportOn } from "./report.ts";

const folder = mkdtempSync(join(tmpdir(), "report-"));
afterAll(() => rmSync(folder, { recursive: true }));

function saved(value: unknown, name = "result.json"): string {
  const file = join(folder, name);
  writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
  return file;
}

const good = mixedRun().result;

describe("a file that is no result is a mistake of the user's, told in a sentence", () => {
  it.each<[string, unknown, RegExp]>([
    ["no JSON", "<html>", /result\.json is not JSON: /],
    [
      "another kind of JSON",
      [],
      /result\.json is no result of a run: .*; give the file that --report json=… wrote/,
    ],
    ["nothing", null, /is no result of a run/],
    ["a member of another kind", { ...good, seed: true }, /is no result of a run: \/seed /],
    [
      "another version",
      { ...good, schemaVersion: "2.0" },
      /is a result of version "2\.0", and this suite reads 1\.0/,
    ],
    [
      "a check without its requirement",
      { ...good, requirements: [] },
      /check IDEM-001\/failed is of requirement IDEM-001, which is not among/,
    ],
  ])("%s", async (_what, content, message) => {
    const told = reportOn(saved(content), [`html=${join(folder, "none.html")}`]);
    await expect(told).rejects.toThrow(message);
    await expect(told).rejects.toThrow(UsageError);
    expect(existsSync(join(folder, "none.html"))).toBe(false);
  });

  it("a file that is not there", async () => {
    await expect(reportOn(join(folder, "absent.json"), ["html=x"])).rejects.toThrow(
      /can't be read \(ENOENT\)/,
    );
  });

  it("a format or a file that can't be", async () => {
    await expect(reportOn(saved(good), ["htm=x"])).rejects.toThrow(/no format "htm".*Did you mean html/);
    await expect(reportOn(saved(good), [`html=${folder}`])).rejects.toThrow(/can't be written/);
  });
});

it("writes each format, and says where", async () => {
  const formats = ["html", "junit", "markdown", "github", "json"];
  const told = await reportOn(
    saved(good),
    formats.map((format) => `${format}=${join(folder, format)}`),
  );
  expect(told.trimEnd().split("\n")).toEqual(formats.map((format) => `report: ${join(folder, format)}`));
  expect(
    formats.filter((format) => !readFileSync(join(folder, format), "utf8").includes("IDEM-001")),
  ).toEqual([]);
});

it("a requirement that this suite's specification does not have is still told", async () => {
  const unknown = { ...checkOf("MUST", "x", { verdict: "failed", message: "m" }), requirement: "OLD-001" };
  const { result } = runOf([checkOf("MUST", "a")]);
  const requirement = { ...result.requirements[0]!, id: "OLD-001", verdict: "failed", checks: [unknown.id] };
  const old = { ...result, requirements: [requirement], checks: [unknown] };
  const file = join(folder, "old.html");
  await reportOn(saved(old), [`html=${file}`]);
  expect(readFileSync(file, "utf8")).toMatch(/1 requirement failed[^]*specification has no such requirement/);
});

it("replaces what a link points to, not the link; a pipe is written to, not replaced", async () => {
  const target = saved("", "target.html");
  const link = join(folder, "link.html");
  symlinkSync(target, link);
  const pipe = join(folder, "pipe");
  execFileSync("sh", ["-c", 'mkfifo "$0"', pipe]);
  const end = openSync(pipe, "r+");
  await reportOn(saved(good), [`html=${link}`, `github=${pipe}`]);
  closeSync(end);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, "utf8")).toContain("IDEM-001");
  expect(lstatSync(pipe).isFIFO()).toBe(true);
});
