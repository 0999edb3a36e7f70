import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEVELOPMENT_SECRET, isLoopback } from "../../spec/development-secret.ts";
import { UsageError } from "./select.ts";
import { CONFIG_FILE } from "./config.ts";
import { readSettings } from "./settings.ts";
import type { Flags } from "./settings.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "settings-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const config = (value: unknown): void =>
  writeFileSync(join(folder, CONFIG_FILE), typeof value === "string" ? value : JSON.stringify(value));
const read = (flags: Flags = {}, env: NodeJS.ProcessEnv = {}) => readSettings(flags, env, folder);
const complaint = (flags: Flags = {}, env: NodeJS.ProcessEnv = {}): string => {
  try {
    read(flags, env);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error("no complaint");
};
const REMOTE = { url: "https://sync.example" };

describe("settings", () => {
  it("come from flags before environment before file", () => {
    config({ url: "http://file.example", seed: "file", concurrency: 2, jwtSecretEnv: "OWN" });
    expect(read({}, { OWN: "secret-1" })).toMatchObject({
      url: "http://file.example",
      concurrency: 2,
      seed: "file",
    });
    const env = { OWN: "secret-1", MIRUBATO_URL: "http://env.example" };
    expect(read({}, env)).toMatchObject({
      url: "http://env.example",
      secret: "secret-1",
      secretFrom: "environment",
    });
    const flags = { url: "http://flag.example", jwtSecret: "secret-2", seed: "flag" };
    expect(read(flags, env)).toMatchObject({ url: "http://flag.example", secret: "secret-2", seed: "flag" });
  });

  it("sign with the development secret on loopback only", () => {
    expect(read({ url: "http://localhost:8787" })).toMatchObject({
      secret: DEVELOPMENT_SECRET,
      secretFrom: "development",
    });
    expect(complaint(REMOTE)).toMatch(/no credentials: set MIRUBATO_JWT_SECRET .* --token-command/);
    expect(["127.0.0.1", "[::1]", "::1", "http://[::1]:1", "http://127.0.0.1:{port}"].every(isLoopback)).toBe(
      true,
    );
    expect(
      ["127.evil.example", "http://localhost.evil.example", "0.0.0.0", "10.0.0.1"].some(isLoopback),
    ).toBe(false);
  });

  it("take a command with {port} for an address on this machine", () => {
    expect(read({ start: "serve --port {port}" }).url).toBe("http://127.0.0.1:{port}");
  });
});

describe("a mistake in the settings is told with its remedy:", () => {
  it("no server", () => expect(complaint()).toMatch(/which server\? Give --url/));
  it("a URL that is none", () =>
    expect(complaint({ url: "sync.example" })).toMatch(/"sync\.example" is not an http\(s\) address/));
  it("an address of the WebSocket that is none", () => {
    const flags = { url: "http://localhost", wsUrl: "http://localhost/sync/ws" };
    expect(complaint(flags)).toMatch(/--ws-url: "http:\/\/localhost\/sync\/ws" is not a ws\(s\) address/);
    expect(complaint({ ...flags, wsUrl: "ws://localhost/sync/ws?a=1" })).toMatch(/without a query/);
  });
  it("an address that holds a password, which is not repeated", () =>
    expect(complaint({ url: "https://me:hunter2@sync.example" })).toMatch(
      /^(?!.*hunter2).*leave the user name/,
    ));
  it("an address with a query, which is not repeated either", () => {
    expect(complaint({ url: "https://sync.example/?token=hunter2" })).toMatch(
      /^(?!.*hunter2).*begins with \?/,
    );
    const wsUrl = "wss://sync.example/sync/ws?token=hunter2";
    expect(complaint({ url: "http://localhost", wsUrl })).toMatch(/^(?!.*hunter2).*without a query/);
  });
  it("an unknown setting", () => {
    config({ url: "http://localhost", concurency: 3 });
    expect(complaint()).toBe(`${CONFIG_FILE}: "concurency" is no setting. Did you mean concurrency?`);
  });
  it("a setting of the wrong type", () => {
    config({ url: "http://localhost", concurrency: "many" });
    expect(complaint()).toMatch(/"concurrency" must be/);
  });
  it("a file that is not JSON", () => {
    config("{url: 1}");
    expect(complaint()).toMatch(/mirubato-sync\.config\.json is not JSON/);
  });
  it("a file that is not there", () =>
    expect(complaint({ config: "no.json" })).toMatch(/there is no file no\.json/));
  it("a header without a colon, without telling its value", () => {
    const said = complaint({ ...REMOTE, jwtSecret: "s", header: ["x-key secret"] });
    expect(said).toMatch(/number 1 has no colon; it must be of the form "name: value"/);
    expect(said).not.toMatch(/secret/);
  });
  it("a header that cannot be sent, wherever it is from", () => {
    expect(complaint({ ...REMOTE, jwtSecret: "s", header: ["x-key: a\nb"] })).toMatch(
      /value of x-key has a line break/,
    );
    config({ url: "http://localhost", headers: { "x key": "a" } });
    expect(complaint()).toMatch(/"x key" is no header's name/);
  });
  it("an origin with a path", () =>
    expect(complaint({ url: "http://localhost", origin: ["https://a.example/"] })).toMatch(
      /is not an origin: scheme/,
    ));
  it("a free port that nothing takes", () =>
    expect(complaint({ url: "http://localhost:{port}" })).toMatch(/--start or --control must take it/));
  it("a configuration file that is a folder", () =>
    expect(complaint({ config: "." })).toMatch(/can't be read \(EISDIR\)/));
  it("a certificate file with something else in it", () => {
    config("{}");
    expect(complaint({ url: "https://localhost", ca: CONFIG_FILE })).toMatch(
      /is no certificate; it must be PEM/,
    );
  });
  it("a report without a file", () =>
    expect(complaint({ url: "http://localhost", report: ["json"] })).toMatch(/<format>=<file>/));
  it("a certificate file that is not there", () =>
    expect(complaint({ url: "https://localhost", ca: "no.pem" })).toMatch(
      /--ca: .*no\.pem can't be read \(ENOENT\)/,
    ));
});
