import type { ServerCheck, ServerContext } from "../check.ts";
import { createStage } from "./context.ts";
import { isJsonObject } from "../../schemas/json.ts";
import { demandPullAnswer, socketControl } from "./positive-control.ts";
import type { DiscoveryBody } from "../wire/shapes.ts";
import type { Subject } from "../subject/subject.ts";
import { CouldNotRun, NotApplicable } from "../verdict.ts";

/** The doorstep is staged as if it were a check, so that it has a user, a device and a transcript. */
const DOORSTEP: ServerCheck = {
  id: "DOOR-000/doorstep",
  requirement: "DOOR-000",
  name: "the server answers at all",
  role: "server",
  brokenBy: [],
  needs: [],
  timeoutMs: 10_000,
  run: async () => {},
};

const SOCKET_DOORSTEP: ServerCheck = { ...DOORSTEP, id: "DOOR-000/socket" };

/**
 * Asks discovery and one pull with a good token, before any check. What was learnt (limits, profiles, the server's
 * clock) is written into the subject.
 * @throws CouldNotRun saying in plain words what is wrong with the server or its address.
 */
export async function doorstep(
  subject: Subject,
  options: { nonce: string; signal: AbortSignal },
): Promise<void> {
  if (!subject.tokens) {
    throw new CouldNotRun(
      "no credentials: give the server's HS256 secret by --jwt-secret or MIRUBATO_JWT_SECRET, or a --token-command",
    );
  }
  // What is sent differs in every run, or a recording of an earlier one would answer it.
  const seed = `doorstep ${options.nonce}`;
  const { context } = await createStage(DOORSTEP, subject, { ...options, seed });
  const { device, http } = context;
  const began = Date.now();
  // Both at once: a server that never answers is found out after one time-out, not two.
  const [pull, discovery] = await Promise.all([
    http({ method: "POST", path: "/api/sync/pull", as: device, json: {}, anyAnswer: true }),
    http({ path: "/.well-known/mirubato-sync", anyAnswer: true }),
  ]).catch((error: unknown) => {
    // Not one of the odd tokens that checks ask for: without this one there is nothing to check.
    if (error instanceof NotApplicable) throw new CouldNotRun(`no ordinary token: ${error.message}`);
    throw error;
  });
  const halfWay = (began + Date.now()) / 2;
  demandPullAnswer(pull);
  await demandAttention(context);
  const advertised = discovery.status === 200 ? parsed(discovery.text) : undefined;
  if (isDiscovery(advertised)) subject.discovery = advertised;
  subject.clockOffsetMs += clockOffset(
    (pull.json as { timestamp?: unknown }).timestamp,
    halfWay + subject.clockOffsetMs,
  );
}

/**
 * Opens one socket with a good token, before any check of profile realtime.
 * @throws CouldNotRun saying in plain words what is wrong with the endpoint or its address.
 */
export async function socketDoorstep(
  subject: Subject,
  options: { nonce: string; signal: AbortSignal },
): Promise<void> {
  const { context, sockets } = await createStage(SOCKET_DOORSTEP, subject, { ...options, seed: "doorstep" });
  try {
    await socketControl(context.device);
  } finally {
    await sockets.endAll();
  }
}

/**
 * A server that says the same whatever it is told would pass every check of a fixed answer. It is told of a deletion, which leaves
 * nothing to clean up. How well it is answered is for the checks to say: only an answer about something else ends the run.
 */
async function demandAttention({ device, http, aDeletion, unique }: ServerContext): Promise<void> {
  const deletion = aDeletion(unique("doorstep"));
  const json = { changes: { entries: [deletion] } };
  const reply = await http({ method: "POST", path: "/api/sync/push", as: device, json, anyAnswer: true });
  const answer = reply.status === 200 ? parsed(reply.text) : undefined;
  const results: unknown = isJsonObject(answer) ? answer["results"] : undefined;
  if (!Array.isArray(results)) return;
  if (results.some((one) => isJsonObject(one) && one["entityId"] === deletion["id"])) return;
  throw new CouldNotRun(
    `${reply.label} of ${String(deletion["id"])} with a good token got 200 and results about something else; are these recorded answers? ${reply.text.slice(0, 120)}`,
  );
}

/** Only what the suite itself relies on; whether the document is right is for its own checks to say. */
function isDiscovery(value: unknown): value is DiscoveryBody {
  return (
    isJsonObject(value) &&
    Array.isArray(value["profiles"]) &&
    isJsonObject(value["limits"]) &&
    Object.values(value["limits"]).every((limit) => typeof limit === "number") &&
    isJsonObject(value["endpoints"])
  );
}

/** Small differences are the measurement's own error; they are not corrected for. */
function clockOffset(timestamp: unknown, ours: number): number {
  const theirs = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(theirs) || Math.abs(theirs - ours) < 2_000 ? 0 : Math.round(theirs - ours);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
