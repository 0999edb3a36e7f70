import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { testServer } from "../commands/test.ts";
import { DEVELOPMENT_SECRET } from "../../spec/development-secret.ts";
import { createModel } from "../model/model.ts";
import { listen } from "../model/node-http.ts";

const CERTIFICATE = fileURLToPath(new URL("testing/test-only-certificate.pem", import.meta.url));
const KEY = fileURLToPath(new URL("testing/test-only-key.pem", import.meta.url));

let url: string;
let folder: string;
let closeAll: () => Promise<void>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "https-"));
  const model = await listen(createModel({ secret: DEVELOPMENT_SECRET }));
  const front = createServer({ cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) }, (safe) => {
    const plain = connect(Number(new URL(model.url).port), "127.0.0.1");
    safe.on("error", () => plain.destroy()).on("close", () => plain.destroy());
    plain.on("error", () => safe.destroy());
    safe.pipe(plain).pipe(safe);
  });
  // Whoever does not trust the certificate hangs up.
  front.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  url = `https://127.0.0.1:${(front.address() as AddressInfo).port}`;
  closeAll = async () => {
    front.close();
    await model.close();
  };
});
afterAll(async () => {
  await closeAll();
  rmSync(folder, { recursive: true });
});

async function testing(ca?: string): Promise<{ status: number; text: string }> {
  let text = "";
  const out = { write: (more: string) => void (text += more), live: false, columns: 110 };
  const flags = { url, only: ["IDEM-002/replay-changes-nothing"], ...(ca === undefined ? {} : { ca }) };
  const status = await testServer(flags, { out, env: {}, folder, signal: new AbortController().signal });
  return { status, text };
}

it("a certificate that nobody vouches for ends the run, and says what helps", async () => {
  const { status, text } = await testing();
  expect(text).toMatch(
    /No check could run\. .*TLS certificate is not trusted .*--ca names the authority's file/,
  );
  expect(text).not.toMatch(/^\s+at /m);
  expect(status).toBe(3);
});

it("with --ca the same server is trusted", async () => {
  const { status, text } = await testing(CERTIFICATE);
  expect(text).toMatch(/passed +IDEM-002/);
  expect(status).toBe(0);
});
