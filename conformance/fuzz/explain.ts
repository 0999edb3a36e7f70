import type { ServerContext } from "../check.ts";
import { CheckFailure } from "../verdict.ts";
import type { Fault } from "./faults.ts";
import { shownMessage } from "./play-messages.ts";
import { shown } from "./play-requests.ts";
import { onStage, send } from "./session.ts";
import type { Channel, Input } from "./session.ts";
import { shrinkJson } from "./shrink.ts";

/** Smaller inputs are looked for as long as this. */
const SHRINKING_MS = 4_000;
/** So many of the inputs that may have done it are told, and tried alone. */
const SUSPECTS = 3;

/** A fault as a failure, by one input alone and as small as it gets where one alone shows it. `alone: false` sends nothing more. */
export async function explained(
  context: ServerContext,
  channel: Channel,
  fault: Fault<Input>,
  { alone }: { alone: boolean },
): Promise<CheckFailure> {
  let best: { fault: Fault<Input>; evidence?: CheckFailure["evidence"] } = { fault };
  const suspects = fault.inputs.slice(0, SUSPECTS);
  const pace = fault.property === "isolation" ? {} : { least: 1, sockets: 1 };
  const fails = async (input: Input): Promise<boolean> => {
    try {
      return await onStage(context, async (stage) => {
        const { faults } = await send(stage, channel, [input], pace);
        const same = faults.find(({ property }) => property === fault.property);
        if (same) best = { fault: same, evidence: { transcript: stage.transcript } };
        return same !== undefined;
      });
    } catch {
      // Another fault, or none that can be judged: not this one.
      context.signal.throwIfAborted();
      return false;
    }
  };
  if (alone) await smallest(suspects, fails);
  const { message, expected, actual, inputs } = best.fault;
  const words = inputs.slice(0, best.evidence ? 1 : SUSPECTS).map(told);
  const others = words.filter((one) => !message.includes(one));
  const failure = new CheckFailure(
    others.length === 0 ? message : `${message}; sent was ${others.join("; ")}`,
    {
      expected,
      actual,
    },
  );
  if (best.evidence) failure.evidence = best.evidence;
  return failure;
}

async function smallest(inputs: readonly Input[], fails: (input: Input) => Promise<boolean>): Promise<void> {
  const until = performance.now() + SHRINKING_MS;
  for (const input of inputs) {
    if (!(await fails(input))) continue;
    const { json } = input;
    if (json !== undefined && input.raw === undefined)
      await shrinkJson(json, (smaller) => fails({ ...input, json: smaller, about: "made smaller" }), until);
    return;
  }
}

function told(input: Input): string {
  return "path" in input ? shown(input) : shownMessage(input);
}
