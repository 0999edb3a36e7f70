import type { Step } from "../explore.ts";
import { entity, told } from "../row.ts";
import { NAMES } from "./acts.ts";
import { receive, settle } from "./device.ts";
import { serve } from "./server.ts";
import type { Answer, OutboxFault, Request, Setting, World } from "./state.ts";

/** Requests, answers and pages arrive in any order. */
export function arriving(world: World, setting: Setting, fault?: OutboxFault): Step<World>[] {
  return [
    ...world.requests.map((request, index): Step<World> => ({
      say: `server gets ${named(request)}: ${judgements(world, request)}`,
      take: (next) => {
        next.requests.splice(index, 1);
        serve(next, request, setting, fault);
      },
    })),
    ...world.answers.map((answer, index): Step<World> => ({
      say: `${NAMES[answer.to]} gets the answer to key ${NAMES[answer.to]}-${answer.key}: ${outcomes(answer)}`,
      take: (next) => {
        next.answers.splice(index, 1);
        settle(next, answer, fault);
      },
    })),
    ...world.pages.map((page, index): Step<World> => ({
      say: `${NAMES[page.to]} gets its pull: ${page.rows.map(({ of, row }) => told(of, row)).join(", ") || "nothing"}; cursor ${page.through}`,
      take: (next) => {
        next.pages.splice(index, 1);
        receive(next, page, fault);
      },
    })),
  ];
}

const named = ({ from, key }: Request): string => `key ${NAMES[from]}-${key}`;

function judgements({ server }: World, request: Request): string {
  const known = server.records.some(
    (one) => one.request.from === request.from && one.request.key === request.key,
  );
  return known ? "on record, answered as before" : "judges it";
}

function outcomes({ results }: Answer): string {
  return results
    .map(({ write, row, code }) =>
      row === null ? `${entity(write.of)} ${code}` : `stored is ${told(write.of, row)}`,
    )
    .join(", ");
}

/** What goes wrong on the way, on a device and on the server. */
export function failing(world: World, fault?: OutboxFault): Step<World>[] {
  const { server, left, requests, answers, devices } = world;
  const steps: Step<World>[] = [];
  const add = (kind: keyof World["left"], say: string, take: (next: World) => void): void => {
    if (left[kind] === 0) return;
    steps.push({
      say,
      take: (next) => {
        next.left[kind]--;
        take(next);
      },
    });
  };
  for (const [index, request] of requests.entries())
    add("losses", `the push under ${named(request)} is lost`, (next) => next.requests.splice(index, 1));
  for (const [index, answer] of answers.entries())
    add("losses", `the answer to key ${NAMES[answer.to]}-${answer.key} is lost`, (next) =>
      next.answers.splice(index, 1),
    );
  add("ticks", `time passes: it is ${server.now + 1}`, (next) => next.server.now++);
  add("rewinds", "the server's clock is set back by 3, as it was wrong", (next) => (next.server.now -= 3));
  for (const [at, device] of devices.entries()) {
    add("setbacks", `${NAMES[at]}'s clock is set back by 2`, (next) => (next.devices[at]!.offset -= 2));
    if (device.outbox.length === 0) continue;
    add("crashes", `${NAMES[at]} crashes and starts again`, (next) => {
      next.answers = next.answers.filter((answer) => answer.to !== at);
      next.pages = next.pages.filter((page) => page.to !== at);
      if (fault === "outbox-in-memory") next.devices[at]!.outbox = [];
    });
  }
  if (server.records.length > 0 && requests.length === 0)
    add("expiries", "the server's idempotency records expire", (next) => (next.server.records = []));
  for (const [index, late] of server.unrecorded.entries()) {
    steps.push({
      say: `server writes its record of ${named(late.request)}`,
      take: (next) => {
        next.server.unrecorded.splice(index, 1);
        next.server.records.push(late);
      },
    });
  }
  if (server.unrecorded.length > 0)
    add(
      "restarts",
      "server restarts before it has written its record",
      (next) => (next.server.unrecorded = []),
    );
  return steps;
}
