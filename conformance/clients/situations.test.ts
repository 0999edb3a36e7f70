import { describe, expect, it } from "vitest";
import { createModel } from "../model/model.ts";
import { Simulator } from "../simulator/simulator.ts";
import { signJwt } from "../wire/jwt.ts";
import { bodyOf, expireCursors, hasPulledInFull, lastSeen, pagesTold } from "./situations.ts";

const SECRET = "a secret of thirty-two characters";

function aDevice() {
  const simulator = new Simulator(createModel({ secret: SECRET }));
  const exp = Math.floor(Date.now() / 1000) + 3_600;
  const token = signJwt({ alg: "HS256", typ: "JWT" }, { sub: "alice", exp }, SECRET);
  const pull = async (since?: string) => {
    const { status } = await simulator.handle({
      method: "POST",
      path: "/api/sync/pull",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "x-sync-protocol": "1",
      },
      body: new TextEncoder().encode(JSON.stringify({ since })),
    });
    return { status, code: (bodyOf(simulator.requests.at(-1)!) as { code?: string }).code };
  };
  const lastToken = (): string => pagesTold(simulator).at(-1)!.body.syncToken;
  return { simulator, pull, lastToken };
}

describe("cursors that expire", () => {
  it("are refused, and those of a full pull that begins later are not", async () => {
    const { simulator, pull, lastToken } = aDevice();
    await pull();
    const old = lastToken();
    const mark = lastSeen(simulator);
    const heal = expireCursors(simulator, "CURSOR_MISMATCH");
    expect(await pull(old)).toEqual({ status: 400, code: "CURSOR_MISMATCH" });
    expect(hasPulledInFull(simulator, mark)).toBe(false);
    expect((await pull()).status).toBe(200);
    expect(hasPulledInFull(simulator, mark)).toBe(true);
    expect((await pull(lastToken())).status).toBe(200);
    heal();
    expect((await pull(old)).status).toBe(200);
  });
});
