import { h } from "./dom.ts";
import type { Snapshot } from "./snapshot.ts";
import { counted, instant, short, span } from "./words.ts";

/** One part of the panel: what stands beside its title, and beneath it. */
interface Section {
  title: string;
  show(snapshot: Snapshot): { count: string; alarming?: boolean; content: () => HTMLElement[] };
}

export const sections: readonly Section[] = [
  {
    title: "Outbox",
    show: ({ outbox, at }) => ({
      count: String(outbox.length),
      content: () =>
        outbox.length === 0
          ? [none("Nothing waits for the server.")]
          : [
              h(
                "ul",
                {},
                ...outbox.map(({ title, deleted, stamp, sent, request }) =>
                  h(
                    "li",
                    {},
                    h("span", { class: `tag ${sent ? "sent" : "waiting"}` }, sent ? "sent" : "waiting"),
                    h("span", { class: "title" }, deleted ? `deletes ${title}` : title),
                    h(
                      "span",
                      { class: "fine" },
                      `stamp ${instant(stamp, at)}`,
                      request ? ` · key ${short(request)}` : "",
                    ),
                  ),
                ),
              ),
            ],
    }),
  },
  {
    title: "Dead letters",
    show: ({ deadLetters }) => ({
      count: String(deadLetters.length),
      alarming: deadLetters.length > 0,
      content: () =>
        deadLetters.length === 0
          ? [none("The server has refused nothing for good.")]
          : [
              h(
                "ul",
                {},
                ...deadLetters.map(({ title, deleted, code, detail, pointer }) =>
                  h(
                    "li",
                    {},
                    h("span", { class: "tag refused" }, code),
                    h("span", { class: "title" }, deleted ? `deletes ${title}` : title),
                    h("span", { class: "fine" }, pointer === undefined ? detail : `${pointer}: ${detail}`),
                  ),
                ),
              ),
            ],
    }),
  },
  {
    title: "Cursor",
    show: ({ cursor }) => ({
      count: cursor?.lastSeq === undefined ? "–" : `seq ${cursor.lastSeq}`,
      content: () =>
        cursor === null
          ? [none("Not known.")]
          : [
              facts([
                ["last seq", String(cursor.lastSeq ?? "none yet")],
                [
                  "sync token",
                  cursor.syncToken === undefined ? "none yet" : `…${cursor.syncToken.slice(-12)}`,
                ],
                ["epoch", cursor.epoch ?? "none yet"],
                ["full pull through", String(cursor.floor ?? "none yet")],
                [
                  "server’s clock",
                  cursor.clockOffset === 0
                    ? "as this one"
                    : `${span(cursor.clockOffset, { signed: true })} to this one`,
                ],
                ["device", short(cursor.deviceId, 13)],
              ]),
            ],
    }),
  },
  {
    title: "Stamps",
    show: ({ confirmed, at }) => ({
      count: String(confirmed?.count ?? "–"),
      content: () =>
        confirmed === null || confirmed.count === 0
          ? [none("The server is not known to hold anything.")]
          : [
              h(
                "div",
                {
                  class: "scroll",
                  tabindex: "0",
                  role: "region",
                  "aria-label": "Stamps of what the server holds",
                },
                h(
                  "table",
                  {},
                  h("thead", {}, row("th", "What", "updatedAt", "Checksum", "Version", "Seq")),
                  h(
                    "tbody",
                    {},
                    ...confirmed.rows.map(({ title, deleted, updatedAt, checksum, version, seq }) =>
                      row(
                        "td",
                        deleted ? h("del", {}, title) : title,
                        instant(updatedAt, at),
                        deleted ? "deletion" : short(checksum, 6),
                        String(version),
                        String(seq),
                      ),
                    ),
                  ),
                ),
              ),
              ...(confirmed.rows.length < confirmed.count
                ? [
                    none(
                      `The latest ${confirmed.rows.length} of ${counted(confirmed.count, "entity", "entities")}.`,
                    ),
                  ]
                : []),
            ],
    }),
  },
  {
    title: "Connection",
    show: ({ metrics, status, at }) => ({
      count: status,
      content: () => [
        facts(
          Object.entries(metrics).map(([name, value]) => [
            name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
            told(name, value, at),
          ]),
        ),
      ],
    }),
  },
];

function told(name: string, value: unknown, at: number): string {
  if (value === null || value === undefined) return "none yet";
  if (name === "averageLatency") return span(Number(value));
  return name === "lastSyncTime" && typeof value === "number" ? instant(value, at) : String(value);
}

function none(text: string): HTMLElement {
  return h("p", { class: "none" }, text);
}

function facts(pairs: readonly (readonly [string, string])[]): HTMLElement {
  return h("dl", {}, ...pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function row(cell: "th" | "td", ...cells: (string | HTMLElement)[]): HTMLElement {
  return h("tr", {}, ...cells.map((content) => h(cell, cell === "th" ? { scope: "col" } : {}, content)));
}
