import { createElement as element, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { flushSync } from "react-dom";
import { memoryStorage, SyncClient } from "./index.ts";
import { useEntities, useEntity, useSyncStatus } from "./react.ts";

/*
 * What react.browser.test.ts looks at: real React draws a client. The server refuses every push; nobody else is there.
 */

async function start(): Promise<void> {
  const client = await SyncClient.open({
    url: "http://localhost:5173",
    user: "alice",
    token: () => "a.b.c",
    storage: memoryStorage(),
    settings: { autoSync: "never" },
    fetch: async () => {
      const problem = {
        type: "about:blank",
        title: "no",
        status: 422,
        detail: "made up",
        code: "INVALID_BODY",
      };
      return new Response(JSON.stringify({ ...problem, error: "no" }), {
        status: 422,
        headers: { "content-type": "application/problem+json" },
      });
    },
  });

  const drawn = { goals: 0, one: 0, status: 0 };
  const GOAL = "the-goal";

  function Goals() {
    drawn.goals++;
    const titles = useEntities(client, "goal").map(({ title }) => title);
    return element("p", { id: "goals" }, titles.toSorted().join(", "));
  }

  function One() {
    drawn.one++;
    return element("p", { id: "one" }, useEntity(client, "goal", GOAL)?.title ?? "none");
  }

  function Status() {
    drawn.status++;
    const { status, pending, deadLetters } = useSyncStatus(client);
    return element("p", { id: "status" }, `${status}, ${pending} pending, ${deadLetters.length} refused`);
  }

  /** Listeners that nobody has ended. */
  let listening = 0;
  const counted = (end: () => void): (() => void) => {
    listening++;
    return () => {
      listening--;
      end();
    };
  };
  const subscribe = client.subscribe.bind(client);
  const on = client.on.bind(client);
  Object.assign(client, {
    subscribe: (...given: Parameters<typeof subscribe>) => counted(subscribe(...given)),
    on: (...given: Parameters<typeof on>) => counted(on(...given)),
  });

  const root = createRoot(document.documentElement.appendChild(document.createElement("main")));
  flushSync(() => root.render(element(StrictMode, {}, element(Goals), element(One), element(Status))));

  Object.assign(globalThis, {
    client,
    drawn,
    unmount: () => {
      flushSync(() => root.unmount());
      return listening;
    },
  });
}

void start();
