import { clientCheck } from "../../client-check.ts";
import type { ClientCheck, ClientCheckDefinition, ClientContext } from "../../client-check.ts";
import { acknowledgedOn, carriedBy, historyOf } from "../../clients/life-history.ts";
import { live } from "../../clients/random-life.ts";
import type { Life } from "../../clients/random-life.ts";
import { diagram } from "../../histories/checker/diagram.ts";
import { judge as judgeHistory } from "../../histories/checker/judge.ts";
import type { Property } from "../../histories/checker/words.ts";
import type { Simulator } from "../../simulator/simulator.ts";
import { CheckFailure, TimingFailure } from "../../verdict.ts";
import * as faulty from "./random-lives.mutants.ts";

/** Beside what the checker of histories finds. */
type Judge = (life: Life, context: ClientContext) => void;

const LIVES = 3;
/** Each kill is a start of the client's process. */
const LIVES_WITH_KILLS = 2;

/** A few random lives, judged by the checker of histories for these properties, and by what else there is. */
function ofLives(
  definition: Pick<ClientCheckDefinition, "id" | "name" | "brokenBy" | "needs" | "timeless">,
  properties: readonly Property[],
  judge: Judge,
): ClientCheck {
  return clientCheck({
    ...definition,
    secondMs: 20,
    lasts: 900,
    async run(context) {
      const kills = definition.needs?.includes("kill") ?? false;
      const lives: Life[] = [];
      while (lives.length < (kills ? LIVES_WITH_KILLS : LIVES)) {
        const life = await live(context, { kills, earlier: lives });
        lives.push(life);
        judge(life, context);
        demandOfLives(lives, context, properties);
      }
      if (lives.every(({ untold }) => untold === 0))
        context.inconclusive("no answer to a push was lost in any of the lives");
    },
  });
}

/** What clients and server came to together has none of the faults that no server may have. */
function demandOfLives(
  lives: readonly Life[],
  { simulator }: ClientContext,
  properties: readonly Property[],
): void {
  const violation = judgeHistory(historyOf(lives, simulator)).find(({ property }) =>
    properties.includes(property),
  );
  if (violation)
    throw new CheckFailure(violation.message, {
      expected: "no history in which these come together",
      actual: diagram(violation.operations),
    });
}

/** Marks of writes that the server has judged, whether or not the client was told. */
function judged({ requests, sockets }: Simulator): Set<string | null> {
  const carried = [...requests.flatMap(carriedBy), ...sockets.flatMap(acknowledgedOn)];
  return new Set(carried.flatMap(({ items }) => items.flatMap(({ result, mark }) => (result ? [mark] : []))));
}

const nothingLost: Judge = ({ edits }, { simulator, expect }) => {
  const arrived = judged(simulator);
  const last = new Map(edits.map((edit) => [`${edit.app} ${edit.entity}`, edit]));
  for (const { app, entity, mark } of last.values()) {
    if (mark === null) continue;
    expect.ok(
      `the last write of client ${app + 1} to ${entity} reached the server`,
      arrived.has(mark),
      `no request that the server answered held ${mark}`,
    );
  }
};

/** One that is slow may come to show it yet. */
const keptUp: Judge = ({ late }) => {
  for (const device of late)
    throw new TimingFailure(`${device} does not come to show what is written last`, {
      expected: "all that the server has",
      actual: "not what was written last",
    });
};

export const nothingIsLost = ofLives(
  {
    id: "CLI-018/random-lives",
    name: "whatever happens to requests, answers and networks, each client's last write of an entity reaches the server",
    brokenBy: [faulty.clearsTheQueueAtServerErrors],
    timeless: true,
  },
  [],
  nothingLost,
);

export const onceOnlyInLives = ofLives(
  {
    id: "CLI-009/random-lives",
    name: "whatever happens to requests, answers and networks, no write takes effect twice",
    brokenBy: [faulty.freshStampsAfterSilence],
    timeless: true,
  },
  ["one-effect", "no-invention"],
  () => {},
);

export const convergence = ofLives(
  {
    id: "CLI-020/random-lives",
    name: "whatever happens to requests, answers and networks, clients come to show what the server has, and never what is older than before",
    brokenBy: [faulty.forgetsWhatComesWhilePushing],
  },
  ["nothing-lost", "greatest-stamp", "sessions"],
  keptUp,
);

export const nothingIsLostByKills = ofLives(
  {
    id: "CLI-015/random-lives-and-kills",
    name: "however often it is killed, a client's last write of an entity reaches the server",
    brokenBy: [faulty.storesTheOutboxAtIntervals],
    timeless: true,
    needs: ["kill"],
  },
  [],
  nothingLost,
);

export const convergenceThroughKills = ofLives(
  {
    id: "CLI-010/random-lives-and-kills",
    name: "however often they are killed, clients come to show what the server has",
    brokenBy: [faulty.rowsWhenIdle],
    needs: ["kill"],
  },
  ["nothing-lost", "greatest-stamp", "sessions"],
  keptUp,
);
