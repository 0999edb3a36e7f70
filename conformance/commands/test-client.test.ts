import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AdapterRequest } from "../../schemas/adapter-messages.ts";
import { validate } from "../../schemas/validators.ts";
import { discoverChecks } from "../discover-checks.ts";
import { clientOnPorts } from "../drivers/testing/client-on-ports.ts";
import type { ClientMutant } from "../model-client/mutant.ts";
import type { ClientFlags } from "../run/client-settings.ts";
import { CONFIG_FILE } from "../run/config.ts";
import type { RunResult } from "../run/result.ts";
import { CouldNotRun } from "../verdict.ts";
import { testClient } from "./test-client.ts";

/** The reference client's adapter, as a stranger would start it. */
const BIN = join(fileURLToPath(import.meta.url), "../../../bin/mirubato-sync.ts");
const REFERENCE = `'${process.execPath}' '${BIN}' adapter`;
/** No adapter at all. */
const DEAF = "cat";

const cleanups: (() => unknown)[] = [];

/** A client with one fault, behind a port. */
async function faulty(mutant: ClientMutant): Promise<string> {
  const subject = clientOnPorts(mutant);
  cleanups.push(() => subject.close());
  const server = createServer((socket) => {
    socket.on("error", () => {});
    const host = subject.launch();
    const answer = async ({ verb, params }: AdapterRequest): Promise<object> => {
      try {
        return { ok: true, result: await (await host).ask(verb, params) };
      } catch (error) {
        const { code = "FAILED", message } = error as Error & { code?: string };
        return { ok: false, error: { code, message } };
      }
    };
    createInterface({ input: socket }).on("line", (line) => {
      const request = JSON.parse(line) as AdapterRequest;
      void answer(request).then((told) => socket.write(`${JSON.stringify({ id: request.id, ...told })}\n`));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => server.close());
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "test-client-"));
});
afterEach(async () => {
  for (const one of cleanups.splice(0)) await one();
  rmSync(folder, { recursive: true });
});

async function test(flags: ClientFlags, signal = new AbortController().signal) {
  let text = "";
  const out = { write: (more: string) => void (text += more), live: false, columns: 110 };
  const status = await testClient(flags, { out, env: {}, folder, signal });
  return { status, text };
}

const read = (): RunResult => JSON.parse(readFileSync(join(folder, "r.json"), "utf8")) as RunResult;

describe("mirubato-sync test client", () => {
  it("passes what it is asked to check, and says so in a valid result", { timeout: 60_000 }, async () => {
    const { status, text } = await test({
      adapter: REFERENCE,
      only: ["CLI-001"],
      seed: "7",
      report: [`json=${join(folder, "r.json")}`, `junit=${join(folder, "r.xml")}`],
    });
    expect(text).toMatch(/passed +CLI-001/);
    expect(status).toBe(0);
    const result = read();
    expect(validate("result_file", result)).toEqual([]);
    expect(result).toMatchObject({ role: "client", profiles: ["client"], seed: "7" });
    expect(result.subject).toMatch(/reference client/);
    expect(result.requirements).toMatchObject([{ id: "CLI-001", role: "client", verdict: "passed" }]);
    for (const { id, rerun } of result.checks)
      expect(rerun).toBe(
        `npx mirubato-sync test client --adapter '${REFERENCE.replaceAll("'", `'\\''`)}' --only ${id} --seed 7`,
      );
    expect(readFileSync(join(folder, "r.xml"), "utf8")).toContain("CLI-001");
  });

  it("tells what fails, and takes it for known where a list says so", { timeout: 60_000 }, async () => {
    const [check] = (await discoverChecks("client")).filter(({ requirement }) => requirement === "CLI-001");
    const adapter = await faulty(check!.brokenBy[0]!);
    const report = [`json=${join(folder, "r.json")}`];
    const only = [check!.id];
    const first = await test({ adapter, only, report, writeBaseline: "known.json" });
    expect(first.text).toContain(`FAILED ${check!.id}`);
    expect(first.text).toMatch(/known\.json has 1 \(1 new, 0 removed\)/);
    expect(first.status).toBe(1);
    const { expected, actual, transcript } = read().checks[0]!;
    expect({ expected, actual }).not.toEqual({ expected: null, actual: null });
    expect(transcript.length).toBeGreaterThan(0);
    expect(readFileSync(join(folder, "r.json"), "utf8")).not.toMatch(/eyJ[\w-]+\.eyJ/);

    const second = await test({ adapter, only, report, baseline: "known.json" });
    expect(second.text).toMatch(/known failure/);
    expect(read().checks[0]).toMatchObject({ verdict: "failed", known: expect.any(String) as string });
    // Nothing else passed: that is no success, either.
    expect(second.status).toBe(3);
  });

  it("tries an adapter alone", { timeout: 60_000 }, async () => {
    const { status, text } = await test({ adapter: REFERENCE, checkAdapter: true });
    expect(text).toMatch(/works +open[^]*works +a kill[^]*0 wrong.*: the adapter is fit for the checks/);
    expect(status).toBe(0);
    const none = test({ adapter: DEAF, checkAdapter: true });
    await expect(none).rejects.toBeInstanceOf(CouldNotRun);
  });

  it("takes the adapter and all else from a file that is about a client", async () => {
    const settings = { adapter: DEAF, only: ["CLI-001"], report: ["json=r.json"] };
    writeFileSync(join(folder, "client.json"), JSON.stringify(settings));
    const report = [`json=${join(folder, "r.json")}`];
    expect((await test({ config: "client.json", report })).status).toBe(3);
    expect(read().checks.every(({ requirement }) => requirement === "CLI-001")).toBe(true);
    // The usual file counts, too, unless it is about a server.
    writeFileSync(join(folder, CONFIG_FILE), JSON.stringify(settings));
    expect((await test({ report })).status).toBe(3);
    expect(read().requirements).toHaveLength(1);
    writeFileSync(
      join(folder, CONFIG_FILE),
      JSON.stringify({ url: "http://localhost:1", only: ["CLI-001"] }),
    );
    await test({ adapter: DEAF, report });
    expect(read().requirements.length).toBeGreaterThan(1);
  });

  it("does not run what is left when it is interrupted", async () => {
    const reason = new CouldNotRun("not done when the run was interrupted (SIGINT)");
    const report = [`json=${join(folder, "r.json")}`];
    const { status } = await test({ adapter: REFERENCE, report }, AbortSignal.abort(reason));
    expect(status).toBe(3);
    expect(read().checks.every(({ message }) => message === reason.message)).toBe(true);
  });

  it.each<[ClientFlags, RegExp]>([
    [{}, /which client\? Give --adapter <command>/],
    [{ adapter: " " }, /--adapter: it is empty/],
    [{ adapter: "tcp://localhost" }, /"tcp:\/\/localhost" is neither a command nor an address/],
    [{ adapter: "http://localhost:1" }, /neither a command nor an address of the form tcp:\/\/host:port/],
    [{ adapter: DEAF, only: ["CLI-999"] }, /no check or area "CLI-999"/],
    [{ adapter: DEAF, profile: ["http"] }, /no client profile "http"; there are client/],
    [{ adapter: DEAF, report: ["jsn=x"] }, /no format "jsn"/],
    [{ adapter: DEAF, baseline: "no.json" }, /there is no file no\.json/],
  ])("refuses %j", async (flags, words) => {
    await expect(test(flags)).rejects.toThrow(words);
  });
});
