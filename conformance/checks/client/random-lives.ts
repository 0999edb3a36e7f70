import { isJsonObject } from "../../../schemas/json.ts";
import { clientCheck } from "../../client-check.ts";
import type { ClientCheck, ClientCheckDefinition, ClientContext } from "../../client-check.ts";
import { entityOf, live, markOf } from "../../clients/random-life.ts";
import type { Life } from "../../clients/random-life.ts";
import { itemsOf } from "../../simulator/seen.ts";
import type { Simulator } from "../../simulator/simulator.ts";
import { TimingFailure } from "../../verdict.ts";
import type { Result } from "../../wire/shapes.ts";
import * as faulty from "./random-lives.mutants.ts";

type Judge = (life: Life, context: ClientContext) => void;

const LIVES = 3;
/** Each kill is a start of the client's process. */
const LIVES_WITH_KILLS = 2;

/** One property, judged of a few random lives. */
function ofLives(
  definition: Pick<ClientCheckDefinition, "id" | "name" | "brokenBy" | "needs" | "timeless">,
  judge: Judge,
): ClientCheck {
  return clientCheck({
    ...definition,
    secondMs: 20,
    lasts: 900,
    async run(context) {
      const kills = definition.needs?.includes("kill") ?? false;
      let untold = 0;
      for (let n = 0; n < (kills ? LIVES_WITH_KILLS : LIVES); n += 1) {
        const life = await live(context, { kills });
        judge(life, context);
        untold += life.untold;
      }
      if (untold === 0) context.inconclusive("no answer to a push was lost in any of the lives");
    },
  });
}

/** Marks of writes that the server has judged, whether or not the client was told; each as often as it was applied. */
function applied({ requests, sockets }: Simulator): Map<string, number> {
  const count = new Map<string, number>();
  const note = (mark: string, times: number): void => void count.set(mark, (count.get(mark) ?? 0) + times);
  for (const seen of requests) {
    if (seen.answer?.status !== 200 || (seen.call !== "push" && seen.call !== "batch")) continue;
    const { results } = JSON.parse(new TextDecoder().decode(seen.answer.body)) as { results: Result[] };
    const replay = seen.answer.headers["x-idempotent-replay"] === "true";
    for (const [index, { type, item, deleted, id }] of itemsOf(seen).entries()) {
      const mark = deleted ? `deletion of ${entityOf(type, id)}` : markOf(type, item);
      note(mark, !replay && results[index]?.outcome === "applied" ? 1 : 0);
    }
  }
  for (const socket of sockets) {
    // What a frame carried and nobody acknowledged may never have arrived: its client is to send it by HTTP (CLI-027).
    const acknowledged = new Set(
      socket.received.filter(({ type }) => type === "SYNC_RESPONSE").map((ack) => ack["clientChangeId"]),
    );
    for (const { clientChangeId, item, entry, piece } of socket.sent)
      if (clientChangeId !== undefined && acknowledged.has(clientChangeId))
        for (const carried of [item, entry, piece])
          if (isJsonObject(carried))
            for (const value of Object.values(carried)) if (typeof value === "string") note(value, 0);
  }
  return count;
}

const nothingLost: Judge = ({ writes }, { simulator, expect }) => {
  const judged = applied(simulator);
  const last = new Map(writes.map((write) => [`${write.app} ${entityOf(write.type, write.id)}`, write]));
  for (const { app, type, id, mark } of last.values()) {
    if (mark === null) continue;
    expect.ok(
      `the last write of client ${app + 1} to ${type} ${id} reached the server`,
      judged.has(mark),
      `no request that the server answered held ${mark}`,
    );
  }
};

const onceOnly: Judge = (_life, { simulator, expect }) => {
  const twice = [...applied(simulator)].filter(([mark, times]) => times > 1 && mark.startsWith("mark"));
  expect.equal("writes that took effect twice", twice, []);
};

const sameEverywhere: Judge = ({ shown, stored }, { expect }) => {
  const table = (marks: Map<string, string>): unknown => Object.fromEntries([...marks].toSorted());
  for (const [index, { marks, keptUp }] of shown.entries()) {
    const what = `what client ${index + 1} shows at rest`;
    // One that is slow may come to show it yet.
    if (!keptUp) throw new TimingFailure(what, { expected: table(stored), actual: table(marks) });
    expect.equal(what, table(marks), table(stored));
  }
};

export const nothingIsLost = ofLives(
  {
    id: "CLI-018/random-lives",
    name: "whatever happens to requests, answers and networks, each client's last write of an entity reaches the server",
    brokenBy: [faulty.clearsTheQueueAtServerErrors],
    timeless: true,
  },
  nothingLost,
);

export const onceOnlyInLives = ofLives(
  {
    id: "CLI-009/random-lives",
    name: "whatever happens to requests, answers and networks, no write takes effect twice",
    brokenBy: [faulty.freshStampsAfterSilence],
    timeless: true,
  },
  onceOnly,
);

export const convergence = ofLives(
  {
    id: "CLI-020/random-lives",
    name: "whatever happens to requests, answers and networks, clients come to show what the server has",
    brokenBy: [faulty.forgetsWhatComesWhilePushing],
  },
  sameEverywhere,
);

export const nothingIsLostByKills = ofLives(
  {
    id: "CLI-015/random-lives-and-kills",
    name: "however often it is killed, a client's last write of an entity reaches the server",
    brokenBy: [faulty.storesTheOutboxAtIntervals],
    timeless: true,
    needs: ["kill"],
  },
  nothingLost,
);

export const convergenceThroughKills = ofLives(
  {
    id: "CLI-010/random-lives-and-kills",
    name: "however often they are killed, clients come to show what the server has",
    brokenBy: [faulty.rowsWhenIdle],
    needs: ["kill"],
  },
  sameEverywhere,
);
