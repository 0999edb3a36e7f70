import type { Answer } from "./answer.ts";
import { conforming } from "./behaviour.ts";
import type { Context, Endpoint } from "./context.ts";
import { ConnectionLost, Refusal } from "./refusal.ts";
import { openSocket } from "./realtime/upgrade.ts";
import { writeRequest } from "./writes.ts";

/** One request from receipt to answer. Rejects only with ConnectionLost. */
export async function answer(context: Context): Promise<Answer> {
  const { behaviour } = context;
  let judged: Answer;
  try {
    judged = await judgeRequest(context);
  } catch (error) {
    if (error instanceof ConnectionLost) throw error;
    judged = behaviour.refuse(
      context,
      error instanceof Refusal ? error : behaviour.afterCrash(context, error),
    );
  }
  try {
    return behaviour.finish(context, judged);
  } catch (error) {
    context.server.lastCrash = error;
    return conforming.refuse(context, conforming.afterCrash(context, error));
  }
}

/** The order of judgement (spec: http). */
async function judgeRequest(context: Context): Promise<Answer> {
  const { behaviour } = context;
  const intercepted = await behaviour.intercept(context);
  if (intercepted) return intercepted;

  const endpoint = behaviour.route(context);
  if (endpoint === undefined) throw new Refusal("NOT_FOUND", "there is nothing at this path");
  context.endpoint = endpoint;
  if (context.request.method === "OPTIONS") return behaviour.preflight(context, endpoint);
  behaviour.checkMethod(context, endpoint);
  if (endpoint === "discovery") return behaviour.succeed(context, behaviour.discoveryAnswer(context));
  if (endpoint === "health") return behaviour.succeed(context, behaviour.healthAnswer(context));
  if (endpoint === "socket") return openSocket(context);

  context.claims = await behaviour.authenticate(context);
  context.user = behaviour.openUser(context, behaviour.userOf(context, context.claims));
  behaviour.authorise(context);
  behaviour.checkRate(context);
  behaviour.noteDevice(context);
  context.announced = behaviour.negotiateVersion(context);
  return CALLS[endpoint](context);
}

const CALLS: Record<
  Exclude<Endpoint, "health" | "discovery" | "socket">,
  (context: Context) => Promise<Answer>
> = {
  push: writeRequest,
  batch: writeRequest,
  pull: pullRequest,
  async status(context) {
    const { behaviour } = context;
    await behaviour.beforeRead(context);
    return behaviour.succeed(context, behaviour.statusAnswer(context));
  },
};

async function pullRequest(context: Context): Promise<Answer> {
  const { behaviour } = context;
  behaviour.checkContentType(context);
  context.bytes = await behaviour.readBody(context);
  const body = context.bytes.length === 0 ? {} : behaviour.readJson(context);
  const query = behaviour.readQuery(context, body);
  await behaviour.beforeRead(context);
  // From here to the answer nothing is awaited: a page is read in one go, so it never shows half of a push.
  const walk = behaviour.startWalk(context, query);
  const rows = behaviour
    .rowsAfter(context, walk.after)
    .filter((row) => behaviour.isOfWalk(context, row, walk))
    .filter((row) => row.item !== null || behaviour.tellsDeletion(context, row, walk));
  const page = behaviour.takePage(context, rows, behaviour.pageSize(context, query));
  return behaviour.succeed(context, behaviour.pullAnswer(context, walk, page));
}
