import { createInterface } from "node:readline";
import type { Served } from "./serve.ts";

/**
 * The control protocol, server's side: JSON lines `{id, verb, params}` in, `{id, ok, result}` or `{id, ok, error}`
 * out. Verb `capabilities` names the others, and says whether the data ends with this process. Resolves when the input ends, or the signal says so; then
 * the input is let go, or whoever holds its other end would keep this process alive.
 */
export async function speakControl(
  served: Served,
  { ephemeral }: { ephemeral: boolean },
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<void> {
  const verbs: Record<string, (params: Record<string, unknown>) => Promise<unknown>> = {
    capabilities: async () => ({
      verbs: Object.keys(verbs).filter((verb) => verb !== "capabilities"),
      ephemeral,
    }),
    ...(served.restart ? { restart: () => served.restart!() } : {}),
    ...(served.kill ? { kill: () => served.kill!() } : {}),
    ...(served.evict ? { evict: ({ user }) => served.evict!(String(user)) } : {}),
    ...(served.failNextWrite ? { "fail-next-write": () => served.failNextWrite!() } : {}),
    ...(served.advanceClock ? { "advance-clock": ({ ms }) => served.advanceClock!(Number(ms)) } : {}),
  };
  for await (const line of createInterface({ input, signal })) {
    if (line.trim() === "") continue;
    output.write(`${JSON.stringify(await answer(line, verbs))}\n`);
  }
}

async function answer(
  line: string,
  verbs: Record<string, (params: Record<string, unknown>) => Promise<unknown>>,
): Promise<Record<string, unknown>> {
  let id: unknown = null;
  try {
    const {
      id: asked,
      verb,
      params = {},
    } = JSON.parse(line) as { id: number; verb: string; params?: object };
    id = asked;
    const act = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (!act) throw new Error(`there is no verb "${verb}"; there are ${Object.keys(verbs).join(", ")}`);
    return { id, ok: true, result: (await act(params as Record<string, unknown>)) ?? null };
  } catch (error) {
    return { id, ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}
