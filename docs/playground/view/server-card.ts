import { h } from "../../../reference-client/inspector/dom.ts";
import { instant, short } from "../../../reference-client/inspector/words.ts";
import type { Action } from "../world/actions.ts";
import { button, setText } from "./controls.ts";
import type { Card } from "./device-card.ts";

/** The server: what it has stored, and what can happen to it. */
export function serverCard(act: (action: Action) => void): Card {
  const state = h("p", { class: "status" });
  const rows = h("tbody");
  const table = h(
    "div",
    { class: "table", tabindex: "0", role: "region", "aria-label": "What the server has stored" },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ...["Stored", "Stamp", "Version", "Seq"].map((words) => h("th", { scope: "col" }, words)),
        ),
      ),
      rows,
    ),
  );
  const none = h("p", { class: "none" }, "Nothing stored yet.");
  const restore = button("Restore the backup", () => act({ do: "restore" }));
  const kept = h("p", { class: "none" });
  let before = "";
  /** What is deleted is still known by its name, here. */
  const names = new Map<string, string>();
  return {
    element: h(
      "section",
      { class: "card server", "aria-labelledby": "server-title" },
      h("h2", { id: "server-title" }, "Server"),
      state,
      table,
      none,
      h(
        "div",
        { class: "buttons" },
        button("Restart", () => act({ do: "restart" })),
        button("Back up", () => act({ do: "backup" })),
        restore,
      ),
      kept,
    ),
    draw({ stored, backup, time }) {
      setText(state, stored ? `head at seq ${stored.head}, epoch ${short(stored.epoch, 8)}` : "no data");
      restore.disabled = backup === undefined;
      setText(kept, backup ? `The backup is of seq ${backup[0]?.head ?? 0}.` : "");
      kept.hidden = !backup;
      const shown = [...(stored?.rows.values() ?? [])].sort((a, b) => b.seq - a.seq);
      const now = JSON.stringify(shown);
      table.hidden = shown.length === 0;
      none.hidden = shown.length > 0;
      if (now === before) return;
      before = now;
      rows.replaceChildren(
        ...shown.map(({ item, entityId, stamp, version, seq }) => {
          const text = String(item?.["notes"] ?? item?.["title"] ?? names.get(entityId) ?? entityId);
          names.set(entityId, text);
          return h(
            "tr",
            {},
            h("td", {}, item ? text : h("del", {}, text)),
            h("td", {}, instant(stamp.updatedAt, time.now)),
            h("td", {}, String(version)),
            h("td", {}, String(seq)),
          );
        }),
      );
    },
  };
}
