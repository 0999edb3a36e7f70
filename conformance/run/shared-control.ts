import type { ControlVerb } from "../check.ts";
import type { ControlPort } from "../subject/subject.ts";

/** What one of several checks has of an upset that they share. */
export interface SharedControl {
  control: ControlPort;
  /** The check is over: nobody is to wait for it any more. */
  leave(): void;
}

/**
 * One upset of the server for several checks: it comes once all of them that are still under way have asked for it, and each
 * goes on when it is over.
 */
export function sharedControls(control: ControlPort, verb: ControlVerb, parties: number): SharedControl[] {
  let present = parties;
  let waiting: PromiseWithResolvers<void>[] = [];
  const meet = (): void => {
    if (waiting.length === 0 || waiting.length < present) return;
    const met = waiting;
    waiting = [];
    control.invoke(verb).then(
      () => met.forEach(({ resolve }) => resolve()),
      (error: unknown) => met.forEach(({ reject }) => reject(error)),
    );
  };
  const invoke: ControlPort["invoke"] = (asked, params) => {
    if (asked !== verb) return control.invoke(asked, params);
    const own = Promise.withResolvers<void>();
    waiting.push(own);
    meet();
    return own.promise;
  };
  const leave = (): void => {
    present -= 1;
    meet();
  };
  return Array.from({ length: parties }, () => ({ control: { verbs: control.verbs, invoke }, leave }));
}
