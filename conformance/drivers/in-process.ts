import type { ServerCheck } from "../check.ts";
import { conforming } from "../model/behaviour.ts";
import { createModel } from "../model/model.ts";
import type { Mutant } from "../model/mutant.ts";
import type { Variant } from "../model/variant.ts";
import { createRedactor } from "../wire/redaction.ts";
import { loadRequirements } from "../../spec/requirements.ts";
import type { CheckOutcome } from "../run/judge.ts";
import { runCheck } from "../run/run-check.ts";
import { watchSlowness } from "../run/slowness.ts";
import { declaredDiscovery } from "../subject/subject.ts";
import type { ControlPort, Subject } from "../subject/subject.ts";
import { secretTokenSource } from "../wire/tokens.ts";
import { HarnessError } from "../verdict.ts";
import type { Level } from "../verdict.ts";

const SECRET = "the secret of a model that lives as long as one check";
const ORIGIN = "https://app.example";
const MESSAGE_MS = 500;

/** The model, a mutant or a variant of it as a subject under test: everything is declared, nothing goes over a network. */
export async function modelSubject(
  check: Pick<ServerCheck, "model">,
  mutant?: Mutant | Variant,
): Promise<Subject> {
  const variant = mutant !== undefined && "uses" in mutant ? mutant : undefined;
  const { clockMs = 0, options = {}, silent = false } = variant ?? {};
  const model = createModel({
    secret: SECRET,
    origins: [ORIGIN],
    baseUrl: "http://model.example",
    now: () => Date.now() + clockMs,
    ...options,
    limits: { ...options.limits, ...(silent ? {} : check.model?.limits) },
    ...(mutant ? { behaviour: mutant.deform(conforming) } : {}),
  });
  const verbs: Partial<Record<ControlPort["verbs"][number], (params: Record<string, unknown>) => unknown>> = {
    restart: () => model.restart(),
    kill: () => model.restart(),
    evict: () => model.evict(),
    "fail-next-write": () => model.failNextWrite(),
    "advance-clock": ({ ms }) => model.advanceClock(Number(ms)),
  };
  const subject: Subject = {
    description: mutant ? `model, ${variant ? "variant" : "mutant"} ${mutant.name}` : "model",
    transport: model.handle,
    dial: model.dial,
    tokens: secretTokenSource(SECRET),
    origin: ORIGIN,
    control: {
      verbs: Object.keys(verbs) as ControlPort["verbs"],
      invoke: async (verb, params = {}) => void (await verbs[verb]!(params)),
    },
    discovery: declaredDiscovery(silent ? { profiles: model.server.profiles as string[] } : {}),
    // As the doorstep finds it: small differences are not corrected for.
    clockOffsetMs: clockMs < 2_000 ? 0 : clockMs,
    redactor: createRedactor(),
    requestTimeoutMs: 5_000,
    // Nothing is far away in one process: what is not there soon will not come.
    messageTimeoutMs: variant ? 5_000 : MESSAGE_MS,
    disposable: true,
  };
  const discovered = await subject.transport({
    method: "GET",
    path: "/.well-known/mirubato-sync",
    headers: {},
  });
  // A mutant may spoil discovery; then its defaults are declared, as an operator would.
  if (discovered.status === 200) {
    try {
      const advertised = JSON.parse(new TextDecoder().decode(discovered.body)) as Subject["discovery"];
      if (typeof advertised.limits === "object" && Array.isArray(advertised.profiles))
        subject.discovery = advertised;
    } catch {
      return subject;
    }
  } else if (!mutant) throw new HarnessError(`the model answers discovery with ${discovered.status}`);
  return subject;
}

let profiles: Map<string, string> | undefined;
function profileOf(requirement: string): string | undefined {
  profiles ??= new Map(loadRequirements().map(({ id, profile }) => [id, profile]));
  return profiles.get(requirement);
}

/** Half of the time in which a message must come. */
const TOO_LONG_MS = MESSAGE_MS / 2;

/**
 * Runs one check against the model, or against one of its mutants or variants.
 * @param patience how many times longer answers and messages are waited for
 * @returns `slow`: the machine stood still for so long that something may have come too late, or a difference of times been hidden
 */
export async function runCheckAgainst(
  check: ServerCheck,
  mutant?: Mutant | Variant,
  {
    seed = "self-test",
    level = "MUST",
    patience = 1,
  }: { seed?: string; level?: Level; patience?: number } = {},
): Promise<CheckOutcome & { slow: boolean }> {
  const slowness = watchSlowness(TOO_LONG_MS);
  try {
    const { requestTimeoutMs, messageTimeoutMs = MESSAGE_MS, ...subject } = await modelSubject(check, mutant);
    const patient = {
      ...subject,
      requestTimeoutMs: requestTimeoutMs * patience,
      messageTimeoutMs: messageTimeoutMs * patience,
    };
    const profile = profileOf(check.requirement);
    const options = { seed, nonce: "model", level, ...(profile === undefined ? {} : { profile }) };
    const outcome = await runCheck(check, patient, options);
    return { ...outcome, slow: slowness.shown };
  } finally {
    slowness.end();
  }
}
