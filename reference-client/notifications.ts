import type { SyncClient } from "./client.ts";
import type { Change } from "./types.ts";

/** Something to tell the user. */
export interface Notification {
  importance: "important" | "normal";
  text: string;
  /** What other devices changed, if that is what it tells. */
  changes: readonly Change[];
}

/** Calls for what is worth telling people, as the setting `notifications` has it. Returns what ends it. */
export function notify(client: SyncClient, listener: (notification: Notification) => void): () => void {
  const tell = (
    importance: Notification["importance"],
    text: string,
    changes: readonly Change[] = [],
  ): void => {
    const { notifications } = client.settings;
    if (notifications === "all" || notifications === importance) listener({ importance, text, changes });
  };
  const ends = [
    client.on("deadLetter", ({ type, detail }) =>
      tell("important", `The server refused a ${type}: ${detail}`),
    ),
    client.on("error", ({ message }) => tell("important", message)),
    client.subscribe((changes) => {
      const remote = changes.filter(({ origin }) => origin === "remote");
      if (remote.length > 0) tell("normal", `${remote.length} changed on another device`, remote);
    }),
  ];
  return () => ends.forEach((end) => end());
}
