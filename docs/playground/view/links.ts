import { h } from "../../../reference-client/inspector/dom.ts";

/** The page of the specification that an area's requirements stand on. */
const PAGES: Record<string, string> = {
  AUTH: "auth",
  CLI: "client",
  IDEM: "idempotency",
  ORD: "ordering",
  PULL: "pull",
  PUSH: "push",
  RT: "realtime",
};

export function requirementLinks(ids: readonly string[]): HTMLElement {
  return h(
    "span",
    { class: "requirements" },
    ...ids.flatMap((id, at) => [
      at > 0 && " ",
      h("a", { href: `../spec/${PAGES[id.split("-")[0]!]}.html#${id.toLowerCase()}` }, id),
    ]),
  );
}
