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
    // A trace of a fault is read by people: its devices keep their names.
    settle: fault === undefined ? (world) => tidy(inOrder(world)) : tidy,
  };
}

function initial({ entities, offsets, fresh, now = 0, left }: Setting): World {
  const none = Array.from({ length: entities }, () => null);
  const below = none.map(() => -1);
  return {
    server: {
      rows: none,
      $ids: none,
      $after: none,
      claims: none,
      head: 0,
      now,
      records: [],
      unrecorded: [],
    },
    devices: offsets.map((offset, at) => ({
      confirmed: none,
      seen: below,
      absent: below,
      pulledAt: -1,
      cursor: fresh[at] ? null : 0,
      floor: 0,
      offset,
      outbox: [],
      dead: [],
      keys: 0,
      $covered: none.map(() => 0),
      $own: none,
    })),
    requests: [],
    answers: [],
    pages: [],
    left: { ...left },
    $count: 0,
    $effects: [],
    $open: [],
    $greatest: none,
    $alarm: null,
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
  world.$open.sort();
  world.$effects.sort();
}

/** The two devices stand for each other: which of them is called the first makes no difference. */
function inOrder(world: World): World {
  const [first, second] = world.devices.map((device) => JSON.stringify(device));
  if (first! <= second!) return world;
  const { server } = world;
  const exchanged = ({
    request,
    answer,
  }: World["server"]["records"][number]): World["server"]["records"][number] => ({
    request: { ...request, from: 1 - request.from },
    answer: { ...answer, to: 1 - answer.to },
  });
  world.devices.reverse();
  world.requests = world.requests.map((request) => ({ ...request, from: 1 - request.from }));
  world.answers = world.answers.map((answer) => ({ ...answer, to: 1 - answer.to }));
  world.pages = world.pages.map((page) => ({ ...page, to: 1 - page.to }));
  server.records = server.records.map(exchanged);
  server.unrecorded = server.unrecorded.map(exchanged);
  return world;
}
