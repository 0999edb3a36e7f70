import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { validate } from "../../schemas/validators.ts";
import { loadRequirements } from "../../spec/requirements.ts";
import { discoverChecks } from "../discover-checks.ts";
import { selectRows, summarise } from "../matrix/matrix.ts";
import type { Matrix } from "../matrix/matrix.ts";
import { renderMutantsPage } from "../reporters/mutants-page.ts";
import { describeMutants, renderMutantsMarkdown } from "../reporters/mutants-text.ts";
import { CouldNotRun } from "../verdict.ts";
import { mutantsStatus, tryMutants } from "./mutants.ts";
import type { MutantsFlags } from "./mutants.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mutants-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function mutants(
  flags: MutantsFlags,
  {
    signal = new AbortController().signal,
    onText = () => {},
  }: { signal?: AbortSignal; onText?: () => void } = {},
): Promise<{ status: number; text: string; aside: string }> {
  let text = "";
  let aside = "";
  const status = await tryMutants(flags, {
    out: {
      write: (more) => {
        text += more;
        onText();
      },
      live: false,
      columns: 110,
    },
    aside: { write: (more) => void (aside += more), live: false, columns: 110 },
    folder,
    signal,
  });
  return { status, text, aside };
}

describe("mirubato-sync mutants", { timeout: 30_000 }, () => {
  it("tries checks on threads, and writes what they came to", async () => {
    const report = ["json=m.json", "html=m.html", "markdown=m.md"];
    const { status, text } = await mutants({ only: ["IDEM-002", "HTTP-001"], report });
    expect(text).toMatch(/seed self-test\n[^]*survivors 0\n/);
    expect(status).toBe(0);
    const written = JSON.parse(readFileSync(join(folder, "m.json"), "utf8")) as unknown;
    expect(validate("mutants_file", written)).toEqual([]);
    expect(written).toMatchObject({ survivors: [] });
    expect(readFileSync(join(folder, "m.html"), "utf8")).toContain("faulty servers are caught");
    expect(readFileSync(join(folder, "m.md"), "utf8")).toContain("survivors 0");
  });

  it("writes a report alone to standard output", async () => {
    const { text, aside } = await mutants({ only: ["forgets-idempotency-keys"], report: ["json=-"] });
    expect(JSON.parse(text)).toMatchObject({
      total: 1,
      killed: 1,
      mutants: [{ name: "forgets-idempotency-keys" }],
    });
    expect(aside).toContain("trials:");
  });

  it("stops when it is interrupted, and says so", async () => {
    const interrupted = new AbortController();
    const reason = new CouldNotRun("not done when the run was interrupted (SIGINT)");
    const end = mutants({}, { signal: interrupted.signal, onText: () => interrupted.abort(reason) });
    await expect(end).rejects.toBe(reason);
  });

  it.each([
    [{ role: "sever" }, /there is no role "sever"/],
    [{ report: ["junit=a.xml"] }, /no format "junit" of mutants; there are json, html, markdown/],
    [{ only: ["IDEM-999"] }, /no check, area or mutant "IDEM-999"/],
  ])("refuses %j", async (flags, words) => {
    await expect(mutants(flags)).rejects.toThrow(words);
  });
});

describe("a survivor", async () => {
  const [row] = selectRows(await discoverChecks("server"), ["IDEM-002/replay-changes-nothing"]);
  const [first, ...others] = row!.mutants;
  const check = row!.check.id;
  const why = "could-not-run: <b>the check did not end</b>";
  const matrix: Matrix = {
    rows: [row!],
    trials: [
      { check, mutant: null, held: true, tries: 1 },
      { check, mutant: first!.name, held: false, why, tries: 3 },
      ...others.map(({ name }) => ({ check, mutant: name, held: true, tries: 1 })),
    ],
  };
  const report = {
    matrix,
    role: "server" as const,
    result: summarise(matrix),
    seed: "s",
    durationMs: 10,
    requirements: loadRequirements(),
  };

  it("makes the run fail", () => expect(mutantsStatus(report)).toBe(1));

  it("is told in full, with the reason", () => {
    expect(describeMutants(report)).toContain(
      `SURVIVED ${first!.name}, which breaks ${first!.breaks.join(", ")}\n  ${first!.story}\n  ${check}  ${why}\n`,
    );
    expect(describeMutants(report)).toContain(
      "1 of them played again, with more time: this machine stood still\n",
    );
    expect(renderMutantsMarkdown(report)).toContain(`<code>${first!.name}</code>: could-not-run: &lt;b&gt;`);
  });

  it("stands open on the page", () => {
    const page = renderMutantsPage(report);
    expect(page).toMatch(/<h1>1 of \d+ faulty servers goes unnoticed<\/h1>/);
    expect(page).toMatch(/survived"\s+open/);
    expect(page).toContain("&lt;b&gt;the check did not end&lt;/b&gt;");
  });
});
