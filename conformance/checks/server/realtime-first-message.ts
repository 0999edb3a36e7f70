import type { JsonObject } from "../../../schemas/json.ts";
import { serverCheck } from "../../check.ts";
import { isAck } from "../../wire/messages.ts";
import * as faulty from "./realtime-first-message.mutants.ts";

export const whatDecides = serverCheck({
  id: "RT-049/the-first-message-decides-for-good",
  name: "who is a deployed peer is decided once, by the first message that is one, be it good or not",
  brokenBy: [
    faulty.takesBrokenFramesForTheFirst,
    faulty.takesOtherJsonForTheFirst,
    faulty.decidesByGoodMessagesOnly,
    faulty.letsPeersAnnounceLater,
    faulty.judgesEveryVersion,
    faulty.decidesAnewAfterAuth,
    faulty.decidesAnewAfterErrors,
    faulty.decidesAnewByCatchUp,
  ],
  async run({ newDevice, deployedDevice, tokens, anEntry, at, limits, expect }) {
    // A stamp far ahead tells the two kinds of peer apart: it is refused, or replaced (ORD-014, ORD-016).
    const ahead = () => anEntry({ updatedAt: at(limits.clockSkewMs + 600_000) });

    const announced = await newDevice().connect();
    for (const text of ["{", "[]", "null"]) {
      announced.sendText(text);
      await announced.next("ERROR");
    }
    expect.errorFrame(await announced.tryMutate("ENTRY_CREATED", { entry: ahead() }), "CLOCK_SKEW");

    // Whatever comes after the first message, the peer stays what it is.
    const bare = () => anEntry({ updatedAt: undefined });
    const deployed = await deployedDevice().connect();
    for (const [connection, isDeployed] of [
      [announced, false],
      [deployed, true],
    ] as const) {
      const demandSame = async (after: string): Promise<void> => {
        const judge = async (entry: JsonObject): Promise<void> => {
          const answer = await connection.tryMutate("ENTRY_CREATED", { entry, timestamp: undefined });
          const isServed = isAck(answer) && answer.outcome === "applied";
          expect.equal(`whether a stamp is given by the server, ${after}`, isServed, isDeployed);
        };
        await Promise.all([judge(ahead()), judge(bare())]);
      };
      await demandSame("at first");
      const welcomes = () => connection.frames.filter(({ type }) => type === "WELCOME").length;
      connection.send({ type: "AUTH", token: await tokens.valid() });
      await connection.until("WELCOME", () => welcomes() > 1);
      await demandSame("after AUTH");
      connection.sendText("[");
      await demandSame("after an ERROR");
      await connection.catchUp();
      await demandSame("after a catch-up");
      await connection.ping();
      connection.sendText('{"type":"PING","protocol":"1"}');
      await demandSame("after a PING");
    }

    // What announces the version and is refused for something else.
    for (const type of ["ENTRY_ARCHIVED", "ENTRY_CREATED"]) {
      const connection = await deployedDevice().connect();
      connection.sendText(JSON.stringify({ type, protocol: "1" }));
      await connection.next("ERROR");
      expect.errorFrame(await connection.tryMutate("ENTRY_CREATED", { entry: ahead() }), "CLOCK_SKEW");
    }

    // What announces nothing; its next message does, and another version after that.
    for (const type of ["ENTRY_ARCHIVED", "ENTRY_CREATED"]) {
      const connection = await newDevice().connect();
      connection.sendText(JSON.stringify({ type }));
      await connection.next("ERROR");
      for (const protocol of ["1", "999"]) {
        const entry = ahead();
        const { meta } = expect.ack(await connection.mutate("ENTRY_CREATED", { protocol, entry }), "applied");
        expect.notEqual("stamp of a deployed peer's write", meta.updatedAt, entry["updatedAt"]);
      }
    }
  },
});

export const oneNameForLife = serverCheck({
  id: "RT-053/one-name-for-life",
  name: "a socket keeps its connectionId when its token is replaced, and is spared under it as before",
  brokenBy: [faulty.namesConnectionsAnewOnAuth],
  async run({ device, newDevice, tokens, anEntry, expect }) {
    const phone = await device.connect();
    const name = phone.connectionId;
    const before = phone.frames.length;
    phone.send({ type: "AUTH", token: await tokens.valid() });
    const isNew = ({ type }: { type: string }, index: number) => index >= before && type === "WELCOME";
    const welcome = await phone.until("WELCOME", (one) => isNew(one, phone.frames.indexOf(one)));
    expect.equal("connectionId after AUTH", welcome["connectionId"] ?? name, name);

    const [own, others] = [anEntry(), anEntry()];
    await device.push({ entries: [own] }, { headers: { "x-connection-id": name } });
    await newDevice().push({ entries: [others] });
    await phone.fence();
    expect.notTold(phone, own["id"] as string);
    expect.event(phone, others["id"] as string);
  },
});
