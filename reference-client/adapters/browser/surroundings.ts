import type { Surroundings } from "../../ports/surroundings.ts";

/** Not in all browsers. */
interface Connection extends EventTarget {
  type?: string;
  effectiveType?: string;
  saveData?: boolean;
}

const LOOK_EVERY = 30_000;
/** Browsers let timers of tabs in the background wait for a minute. */
const ASLEEP = 120_000;

function connection(): Connection | undefined {
  return (navigator as { connection?: Connection }).connection;
}

/** What the browser says about network and page. */
export const browserSurroundings: Surroundings = {
  online: () => navigator.onLine,
  metered() {
    const { type, effectiveType = "", saveData } = connection() ?? {};
    return saveData === true || type === "cellular" || ["slow-2g", "2g"].includes(effectiveType);
  },
  listen(changed) {
    const stop = new AbortController();
    const on = (target: EventTarget | undefined, event: string, call: () => void): void =>
      target?.addEventListener(event, call, { signal: stop.signal });
    on(globalThis, "online", changed);
    on(globalThis, "pageshow", changed);
    on(connection(), "change", changed);
    if (typeof document !== "undefined") {
      on(document, "resume", changed);
      on(document, "visibilitychange", () => {
        if (document.visibilityState === "visible") changed();
      });
    }
    // A machine that slept tells nobody; the clock does.
    let last = Date.now();
    const timer = setInterval(() => {
      const now = Date.now();
      if (now - last > ASLEEP) changed();
      last = now;
    }, LOOK_EVERY);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  },
};
