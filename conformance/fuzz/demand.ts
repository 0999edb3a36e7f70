import type { ServerContext } from "../check.ts";
import { Dice } from "../histories/dice.ts";
import { seededRandom } from "../run/seeded.ts";
import { explained } from "./explain.ts";
import type { Fault, Played, Property } from "./faults.ts";
import { eachMessageKind, MESSAGE_KINDS, randomMessage, sweepMessages } from "./messages.ts";
import { eachKind, randomRequest, REQUEST_KINDS, sweepRequests } from "./requests.ts";
import { onStage, send } from "./session.ts";
import type { Channel, Input } from "./session.ts";

/** Inputs that are there in addition to those that every run has. */
const RANDOM = 40;
const TIMES = 2;

/** Fails where a server that was sent all kinds of input broke the property; is inconclusive where a kind was never judged. */
export async function demandOfFuzz(
  context: ServerContext,
  channel: Channel,
  properties: readonly Property[],
): Promise<void> {
  const played = await sampled(context, channel);
  const fault = played.faults.find(({ property }: Fault<Input>) => properties.includes(property));
  // Where nobody reads it the verdict stands as it is.
  if (fault)
    throw await explained(context, channel, fault, { alone: context.theatre.histories.folder !== undefined });
  const missing = missingKinds(channel, played.kinds);
  if (missing.length === 0) return;
  const ended = played.faults.length > 0 ? "; something else went wrong, and may have ended it early" : "";
  context.inconclusive(
    `${played.sent} inputs were sent, ${played.limited} of them refused for their rate, and none was judged that is ${missing.join(", ")}${ended}`,
  );
}

/** The declared kinds of input that were not judged. */
export function missingKinds(channel: Channel, kinds: ReadonlyMap<string, number>): string[] {
  return (channel === "http" ? REQUEST_KINDS : MESSAGE_KINDS).filter((kind) => !kinds.has(kind));
}

/** Sent once for all checks of a run: whichever comes first sends. */
function sampled(context: ServerContext, channel: Channel): Promise<Played<Input>> {
  const { shared, histories } = context.theatre;
  const name = `fuzz ${channel}`;
  let playing = shared.get(name) as Promise<Played<Input>> | undefined;
  if (playing) return playing;
  const inputs = inputsOf(context, channel, histories.seed, { sweeps: true, times: TIMES, random: RANDOM });
  shared.set(name, (playing = onStage(context, (stage) => send(stage, channel, inputs))));
  return playing;
}

/** The inputs that a seed stands for: with `sweeps` every member of every contract, of each kind so many, and random ones. */
export function inputsOf(
  { limits, now }: Pick<ServerContext, "limits" | "now">,
  channel: Channel,
  seed: string,
  { sweeps, times, random }: { sweeps: boolean; times: number; random: number },
): Input[] {
  const dice = new Dice(seededRandom(seed, `fuzz ${channel}`));
  const ground = { dice, limits, now: now() };
  const more = Array.from({ length: random });
  if (channel === "http")
    return [
      ...(sweeps ? sweepRequests(ground) : []),
      ...eachKind(ground, times),
      ...more.map(() => randomRequest(ground)),
    ];
  return [
    ...(sweeps ? sweepMessages(ground) : []),
    ...eachMessageKind(ground, times),
    ...more.map(() => randomMessage(ground)),
  ];
}
