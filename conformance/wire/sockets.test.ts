import { describe, expect, it } from "vitest";
import { validate } from "../../schemas/validators.ts";
import { serverCheck } from "../check.ts";
import type { ServerCheckDefinition, ServerContext } from "../check.ts";
import { modelSubject, runCheckAgainst } from "../drivers/in-process.ts";
import type { Dial, Socket } from "../drivers/socket.ts";
import { mutant } from "../model/mutant.ts";
import { wire } from "../reporters/failure.ts";
import { checkResult } from "../run/result.ts";
import type { CheckOutcome } from "../run/judge.ts";
import { runCheck } from "../run/run-check.ts";

const welcomesWithPlace = mutant({
  name: "welcomes-with-a-place",
  story: "WELCOME is made by the helper that stamps every message with the present head.",
  breaks: ["RT-005"],
  deform: (conforming) => ({
    ...conforming,
    welcomeFrame: (context, connection) => ({ ...conforming.welcomeFrame(context, connection), lastSeq: 0 }),
  }),
});
const tellsNobody = mutant({
  name: "tells-nobody-of-pushes",
  story: "Only what comes on a socket is sent on to the others.",
  breaks: ["RT-001"],
  deform: (conforming) => ({ ...conforming, tell: () => {} }),
});
const runsAhead = mutant({
  name: "ends-catch-up-without-telling",
  story: "Catch-up reads the head first and then finds nothing newer.",
  breaks: ["RT-022"],
  deform: (conforming) => ({ ...conforming, chunkFrames: () => [] }),
});

const check = (run: ServerCheckDefinition["run"], more: Partial<ServerCheckDefinition> = {}) =>
  serverCheck({
    id: "RT-005/test",
    name: "a check",
    brokenBy: [welcomesWithPlace, tellsNobody],
    ...more,
    run,
  });
const story = (
  run: ServerCheckDefinition["run"],
  ...more: [ReturnType<typeof mutant>?]
): Promise<CheckOutcome> => runCheckAgainst(check(run), ...more);
/** "passed", or what went wrong. */
async function passes(run: ServerCheckDefinition["run"]): Promise<string> {
  const { verdict, message, actual } = await story(run);
  return verdict === "passed" ? verdict : `${verdict}: ${message} ${JSON.stringify(actual)}`;
}

/** The model's HTTP with sockets that say what `script` does, whatever they hear. */
async function scripted(
  run: ServerCheckDefinition["run"],
  script: (socket: Socket) => void,
): Promise<CheckOutcome> {
  const subject = await modelSubject({});
  const dial: Dial = async () => {
    const socket: Socket = {
      protocol: "",
      send: () => {},
      sendFragments: () => {},
      close: (code = 1005, reason = "") => socket.onClose(code, reason),
      terminate: () => {},
      pause: () => {},
      resume: () => {},
      onFrame: () => {},
      onClose: () => {},
    };
    setImmediate(() => script(socket));
    return socket;
  };
  const options = { seed: "s", nonce: "n", level: "MUST", profile: "realtime" } as const;
  return runCheck(check(run), { ...subject, dial, messageTimeoutMs: 50 }, options);
}

describe("a connection", () => {
  it("is welcomed, and a server that says too much there fails by assertion", async () => {
    const run = async ({ device, expect: verify }: ServerContext): Promise<void> => {
      const phone = await device.connect();
      const laptop = await device.connect();
      verify.notEqual("connectionId of another socket", phone.connectionId, laptop.connectionId);
      verify.ok("WELCOME has no lastSeq", !("lastSeq" in phone.welcome), phone.welcome);
    };
    expect(await passes(run)).toBe("passed");
    expect(await story(run, welcomesWithPlace)).toMatchObject({ verdict: "failed" });
  });

  it("writes every type of entity, acknowledged, and told to the others", async () => {
    expect(
      await passes(async ({ device, newDevice, anEntry, aPiece, aPlan, aTemplate, expect: verify }) => {
        const phone = await device.connect();
        const laptop = await newDevice().connect();
        const [entry, piece, plan, template] = [anEntry(), aPiece(), aPlan(), aTemplate()];
        verify.ack(await phone.write("logbook_entry", entry), "applied");
        verify.ack(await phone.write("logbook_entry", entry), "duplicate");
        verify.ack(await phone.write("repertoire_item", piece), "applied");
        verify.ack(await phone.write("practice_plan", plan), "applied");
        verify.ack(await phone.write("plan_template", template), "applied");
        verify.ack(await phone.remove("logbook_entry", entry["id"] as string), "applied");
        verify.ack(await phone.remove("plan_template", template["id"] as string), "applied");
        const gone = await laptop.hears(entry["id"] as string, ({ item }) => item === null);
        verify.equal("version", gone.meta.version, 2);
        await laptop.fence();
        verify.equal("plan", verify.event(laptop, plan["id"] as string).item?.["title"], plan["title"]);
        verify.notTold(phone, plan["id"] as string);
        verify.equal("events", laptop.told.length, 6);
      }),
    ).toBe("passed");
  });

  it("catches up, and says what was told", async () => {
    expect(
      await passes(async ({ device, anEntry, aPiece, aDeletion, expect: verify }) => {
        const entry = anEntry();
        await device.push({ entries: [entry, anEntry()], repertoire: [aPiece()] });
        await device.push({ entries: [aDeletion(entry)] });
        const phone = await device.connect();
        const caughtUp = await phone.catchUp();
        verify.equal("lastSeq", caughtUp.lastSeq, 4);
        verify.equal("told", caughtUp.told.length, 3);
        verify.equal("deletions", caughtUp.deletions.length, 1);
        const later = await phone.catchUp({ lastSeq: caughtUp.lastSeq, epoch: caughtUp.epoch });
        verify.equal("chunks", later.chunks.length, 0);
        verify.errorFrame(await phone.tryCatchUp({ lastSeq: 4, epoch: "another" }), "CURSOR_EXPIRED");
      }),
    ).toBe("passed");
  });

  it("follows the log, and a place ahead of what was told fails", async () => {
    const run: ServerCheckDefinition["run"] = async ({ device, newDevice, anEntry, expect: verify }) => {
      const early = anEntry();
      await device.push({ entries: [early, anEntry()] });
      const phone = await device.connect();
      const laptop = await newDevice().connect();
      await phone.catchUp();
      await laptop.catchUp();
      await laptop.write("logbook_entry", anEntry());
      await phone.write("logbook_entry", anEntry());
      await device.push({ entries: [anEntry()] });
      await phone.fence();
      const log = await device.pullAll();
      verify.followsLog(phone, log);
      verify.followsLog(laptop, log);
    };
    expect(await passes(run)).toBe("passed");
    const ahead = await story(run, runsAhead);
    expect(ahead.message).toMatch(/^SYNC_RESPONSE lastSeq 2 came on socket 1 before all that it covers$/);
    expect(ahead.expected).toMatch(/^logbook_entry entry-\S+ seq 1 told before$/);
  });

  it("pings, sends what is no message, and is closed", async () => {
    expect(
      await passes(async ({ device, expect: verify, newDevice }) => {
        const phone = await device.connect();
        await phone.ping();
        phone.sendText("not JSON");
        verify.errorFrame(await phone.next("ERROR"), "INVALID_JSON");
        verify.errorFrame(await phone.tryMutate("NO_SUCH", {}, { invalid: "on purpose" }), "UNKNOWN_MESSAGE");
        await verify.noFrame(
          phone,
          "a second WELCOME",
          (frame) => frame.type === "WELCOME" && frame !== phone.welcome,
        );
        phone.sendBytes(new Uint8Array([1]));
        await verify.closedWith(phone, 1003);
        const broken = await newDevice().connect();
        broken.sendBytes(new Uint8Array([0xff]), "text");
        await verify.closedWith(broken, 1007);
      }),
    ).toBe("passed");
  });

  it("shows the answer that refuses an upgrade, and offers subprotocols", async () => {
    expect(
      await passes(async ({ device, tokens, expect: verify }) => {
        const refused = verify.refusedUpgrade(await device.tryConnect({ token: await tokens.wrongSecret() }));
        verify.problem(refused, 401, "TOKEN_INVALID");
        verify.status(verify.refusedUpgrade(await device.tryConnect({ userId: null })), 400);
        const phone = await device.connect({ via: "subprotocol" });
        verify.equal("subprotocol", phone.protocol, "mirubato.v1");
      }),
    ).toBe("passed");
  });

  it("fails a check, in plain words, that waits in vain", async () => {
    const outcome = await story(async ({ device, newDevice, anEntry }) => {
      const phone = await device.connect();
      await newDevice().push({ entries: [anEntry()] });
      await phone.fence();
    }, tellsNobody);
    expect(outcome.verdict).toBe("failed");
    expect(outcome.message).toMatch(
      /^waited on socket 1 in vain for an event of fence-goal-.*: not within 500 ms$/,
    );
    expect(outcome.actual).toEqual([expect.stringMatching(/^WELCOME/)]);
  });

  it("blames the suite for a bad message of its own, and for a bad item", async () => {
    const bad = await story(async ({ device }) => (await device.connect()).send({ type: "AUTH" }));
    expect(bad.message).toMatch(/suite is at fault: the suite sent a AUTH that breaks its schema: .*token/);
    const item = await story(
      async ({ device, anEntry }) =>
        void (await (await device.connect()).mutate("ENTRY_CREATED", { entry: anEntry({ duration: -1 }) })),
    );
    expect(item.message).toMatch(
      /the suite sent a ENTRY_CREATED with \/entry, which is no logbook_entry: .*on purpose/,
    );
  });
});

describe("a server's socket", () => {
  const WELCOME = JSON.stringify({ type: "WELCOME", message: "Connected", connectionId: "c1" });
  const opens = async ({ device }: ServerContext): Promise<void> => void (await device.tryConnect());
  const waits = async ({ device }: ServerContext): Promise<void> => {
    await (await device.connect()).next("PONG");
  };

  it("fails for a frame that breaks its schema, waited for or not", async () => {
    const late = await scripted(
      async ({ device }) => void (await device.connect()),
      (socket) => {
        socket.onFrame(WELCOME);
        socket.onFrame('{"type":"PONG","seq":"x"}');
      },
    );
    expect(late.message).toMatch(/PONG on socket 1 breaks schema server_message .*seq/);
    const binary = await scripted(waits, (socket) => socket.onFrame(new Uint8Array(3)));
    expect(binary).toMatchObject({
      verdict: "failed",
      message: expect.stringMatching(/a binary frame came/),
    });
    const text = await scripted(waits, (socket) => socket.onFrame("[]"));
    expect(text).toMatchObject({ verdict: "failed", message: expect.stringMatching(/no JSON object/) });
  });

  it("that ends is told with its code to whoever waits", async () => {
    const outcome = await scripted(waits, (socket) => {
      socket.onFrame(WELCOME);
      socket.onClose(4408, "idle");
    });
    expect(outcome.message).toMatch(/in vain for PONG: the connection ended/);
    expect(outcome.actual).toEqual(["WELCOME", "closed with 4408 idle"]);
  });

  it("fails whoever expects WELCOME first", async () => {
    const outcome = await scripted(waits, (socket) => socket.onFrame('{"type":"PONG"}'));
    expect(outcome).toMatchObject({
      verdict: "failed",
      message: "the first message on socket 1 is not WELCOME",
    });
  });

  it("that says nothing passes nothing", async () => {
    const outcome = await scripted(opens, () => {});
    expect(outcome.verdict).toBe("could-not-run");
    expect(outcome.message).toMatch(/no WELCOME came on socket 2: waited on socket 2 in vain for WELCOME/);
  });
});

describe("the transcript", () => {
  it("shows frames on a line each, and no token", async () => {
    const secrets: string[] = [];
    const outcome = await story(async ({ device, tokens, expect: verify }) => {
      const phone = await device.connect();
      const token = await tokens.valid();
      secrets.push(device.token, token, token.split(".")[2]!);
      phone.send({ type: "AUTH", token });
      await phone.until("an answer", (frame) => frame !== phone.welcome);
      await (await device.connect({ via: "subprotocol" })).close();
      verify.fail("to see it");
    });
    const result = checkResult(outcome, "again");
    expect(validate("check_result", JSON.parse(JSON.stringify(result)))).toEqual([]);
    const lines = wire(result.transcript).join("\n");
    expect(lines).toMatch(/→ GET \S*\/sync\/ws\?userId=\S+&token=<\w+>/);
    expect(lines).toMatch(/ {2}→ socket 1 \{"type":"AUTH".*"token":"<\w+>"\} \([\d.]+ ms\)/);
    expect(lines).toMatch(/ {2}← socket 1 \{.*"type":"WELCOME"/);
    expect(lines).toMatch(/sec-websocket-protocol: mirubato.v1, bearer.<\w+>/);
    expect(lines).toMatch(/→ socket 2 \(closes, code 1000\)[^]*← socket 2 \(closed, code 1000/);
    for (const secret of secrets) expect(JSON.stringify(result)).not.toContain(secret);
    expect(secrets).toHaveLength(3);
  });
});
