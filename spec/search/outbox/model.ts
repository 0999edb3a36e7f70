import type { Model } from "../explore.ts";
import { flushing, pulling, writing } from "./acts.ts";
import { wrong } from "./invariants.ts";
import { arriving, failing } from "./network.ts";
import type { OutboxFault, Setting, World } from "./state.ts";

/** Two devices of one user and their server: outboxes, keys, stamps, and all that can happen between them. */
export function outboxModel(name: string, setting: Setting, fault?: OutboxFault): Model<World> {
  return {
    name,
    initial: () => initial(setting),
    steps: (world) => [
      ...world.devices.flatMap((_, at) => [
        ...writing(world, at, fault),
        ...flushing(world, at, setting.unstamped, fault),
        ...(setting.unstamped ? [] : pulling(world, at, fault)),
      ]),
      ...arriving(world, setting, fault),
      ...failing(world, fault),
    ],
    wrong: (world) => wrong(world, setting.unstamped),
    wrongAtRest: ({ devices }) =>
      devices.every(({ outbox }) => outbox.length === 0)
        ? undefined
        : "nothing happens any more, and an outbox still waits",
    settle: tidy,
    // A trace of a fault is read by people: its devices keep their names.
    mirror: fault === undefined ? mirrored : undefined,
  };
}

function initial({ entities, offsets, fresh, left }: Setting): World {
  const none = Array.from({ length: entities }, () => null);
  const below = none.map(() => -1);
  return {
    server: { rows: none, _ids: none, claims: none, head: 0, now: 0, records: [], unrecorded: [] },
    devices: offsets.map((offset, at) => ({
      confirmed: none,
      seen: below,
      cursor: fresh[at] ? null : 0,
      floor: 0,
      offset,
      outbox: [],
      dead: [],
      keys: 0,
      _covered: none.map(() => 0),
      _own: none,
    })),
    requests: [],
    answers: [],
    pages: [],
    left: { ...left },
    _count: 0,
    _effects: [],
    _open: [],
    _greatest: none,
    _alarm: null,
  };
}

/** What has no order is sorted; a record that nobody can ask for any more makes no difference. */
function tidy(world: World): void {
  const { server, devices, requests } = world;
  const byText = (list: unknown[]): void => {
    if (list.length > 1) list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  };
  server.records = server.records.filter(
    ({ request: { from, key } }) =>
      requests.some((one) => one.from === from && one.key === key) ||
      devices[from]!.outbox.some((item) => item.key === key),
  );
  byText(server.records);
  byText(requests);
  byText(world.answers);
  byText(world.pages);
  world._open.sort();
  world._effects.sort();
}

/** The two devices exchanged. */
function mirrored(world: World): void {
  world.devices.reverse();
  for (const request of world.requests) request.from = 1 - request.from;
  for (const answer of world.answers) answer.to = 1 - answer.to;
  for (const page of world.pages) page.to = 1 - page.to;
  for (const { request, answer } of [...world.server.records, ...world.server.unrecorded]) {
    request.from = 1 - request.from;
    answer.to = 1 - answer.to;
  }
}
