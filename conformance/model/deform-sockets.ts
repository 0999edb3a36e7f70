import type { JsonObject } from "../../schemas/json.ts";
import type { Behaviour } from "./behaviour.ts";
import type { Context } from "./context.ts";
import type { Connection } from "./realtime/connection.ts";

/** Deformations of sockets that many mutants have in common. Each gives what a mutant's `deform` returns. */
type Deform = (conforming: Behaviour) => Behaviour;

/** Changes frames as they go out; undefined: the frame is lost. `context` is the writer's, or that of who is answered. */
export function changingFrames(
  change: (frame: JsonObject, connection: Connection, context: Context) => JsonObject | undefined,
): Deform {
  return (conforming) => ({
    ...conforming,
    send(context, connection, frame) {
      const changed = change(frame, connection, context);
      if (changed !== undefined) conforming.send(context, connection, changed);
    },
  });
}

/** Changes the frames of one or more types as they go out; undefined: the frame is lost. */
export function changingMessages(
  types: readonly string[],
  change: (frame: JsonObject, connection: Connection, context: Context) => JsonObject | undefined,
): Deform {
  return changingFrames((frame, connection, context) =>
    types.includes(frame["type"] as string) ? change(frame, connection, context) : frame,
  );
}

/** Closes with another code in place of one. */
export function closingWith(from: number, to: number): Deform {
  return (conforming) => ({
    ...conforming,
    closeSocket: (context, connection, code, reason) =>
      conforming.closeSocket(context, connection, code === from ? to : code, reason),
  });
}

/** Another behaviour for what comes on a socket than for what comes over HTTP. */
export function onlyOnSockets(deform: Deform, steps: readonly (keyof Behaviour)[]): Deform {
  return (conforming) => {
    const deformed = deform(conforming);
    const split = steps.map((step) => [
      step,
      (context: Context, ...rest: unknown[]) => {
        const source = context.connection === undefined ? conforming : deformed;
        return (source[step] as (context: Context, ...rest: unknown[]) => unknown)(context, ...rest);
      },
    ]);
    return { ...conforming, ...Object.fromEntries(split) } as Behaviour;
  };
}
