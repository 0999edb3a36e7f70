import type { JoinTabs, TabMessage } from "../../ports/tabs.ts";

/**
 * The tabs of a user in one browser, by Web Locks and a BroadcastChannel: the lock is the leadership, which the browser passes on when the
 * tab that has it is closed, reloaded or crashes. Where there are no locks (a page that is not on https) every tab leads: storage that
 * tabs share bears that, it only costs the server more.
 *
 * @param prefix of the names of lock and channel, so that two apps of one origin share none
 */
export function browserTabs(prefix = "mirubato-sync"): JoinTabs {
  return (user) => {
    const name = `${prefix}:${user}`;
    const channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(name);
    const closed = new AbortController();
    const { signal } = closed;
    const ended = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    return {
      campaign(lead) {
        const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
        if (locks === undefined) {
          lead();
          return;
        }
        const held = locks.request(name, { signal }, async () => {
          if (signal.aborted) return;
          lead();
          await ended;
        });
        held.catch((error: unknown) => {
          // Closed before it was its turn; or this page may have no locks, as in a frame without an origin.
          if (!signal.aborted && error instanceof DOMException) lead();
        });
      },
      post(message) {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that of windows, not of channels
        if (!signal.aborted) channel?.postMessage(message);
      },
      listen(hear) {
        channel?.addEventListener("message", ({ data }: MessageEvent<TabMessage>) => {
          if (!signal.aborted && typeof data?.kind === "string") hear(data);
        });
      },
      close() {
        closed.abort();
        channel?.close();
      },
    };
  };
}
