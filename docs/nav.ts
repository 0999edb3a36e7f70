interface Section<Page> {
  title: string;
  pages: readonly Page[];
}

/** An address, with a shorter title where the page's own is long. */
type Place = string | readonly [url: string, title: string];

/** What stands beside every page. */
const NAV: readonly Section<Place>[] = [
  { title: "Start", pages: ["/index.html", "/tour.html", "/playground/index.html"] },
  {
    title: "Guides",
    pages: [
      "/guides/check-your-server.html",
      "/guides/check-your-client.html",
      "/guides/write-an-adapter.html",
      "/guides/gate-ci.html",
      "/guides/deploy.html",
      "/guides/move-from-manual-sync.html",
      "/guides/troubleshoot.html",
    ],
  },
  {
    title: "Specification",
    pages: [
      ["/spec/index.html", "Overview"],
      ["/spec/terminology.html", "Glossary"],
      "/spec/data.html",
      ["/spec/ordering.html", "Ordering"],
      ["/spec/discovery.html", "Discovery"],
      "/spec/http.html",
      "/spec/pull.html",
      "/spec/push.html",
      "/spec/batch.html",
      "/spec/status.html",
      "/spec/idempotency.html",
      "/spec/consistency.html",
      "/spec/limits.html",
      ["/spec/auth.html", "Auth and isolation"],
      ["/spec/errors.html", "Errors"],
      ["/spec/realtime.html", "Realtime"],
      "/spec/messages.html",
      "/spec/client.html",
      ["/spec/conflict.html", "Later: conflict"],
      ["/spec/delta.html", "Later: delta"],
      ["/spec/sharing.html", "Later: sharing"],
      ["/spec/rooms.html", "Later: rooms"],
      ["/spec/security.html", "Security"],
      ["/spec/departures.html", "Departures"],
      ["/spec/rationale.html", "Without a rule"],
    ],
  },
  {
    title: "Reference",
    pages: [
      "/reference/requirements.html",
      "/reference/endpoints.html",
      "/reference/messages.html",
      "/reference/shapes.html",
      "/reference/adapter.html",
      ["/schemas/index.html", "Contracts"],
      ["/spec/vectors/index.html", "Vectors"],
      ["/reference-client/index.html", "Client library"],
      ["/reference-server/index.html", "Server"],
      "/api/index.html",
    ],
  },
  {
    title: "Examples",
    pages: [
      ["/examples/python-server/index.html", "Server in Python"],
      ["/examples/python-client/index.html", "Client in Python"],
      ["/examples/web/index.html", "App in a browser"],
    ],
  },
  {
    title: "Evidence",
    pages: [
      "/evidence/reports.html",
      "/evidence/mutants.html",
      "/evidence/benchmarks.html",
      ["/bench/results/cost.html", "Cost at scale"],
    ],
  },
];

/** The sections with their pages' titles; a page that could not be made is not shown. */
export function navigation(
  pages: readonly { url: string; data: { title: string; short?: string } }[],
): Section<{ url: string; title: string }>[] {
  const titles = new Map(pages.map(({ url, data }) => [addressOf(url), data.short ?? data.title]));
  return NAV.map(({ title, pages: places }) => ({
    title,
    pages: places
      .map((place) => (typeof place === "string" ? ([place] as const) : place))
      .filter(([url]) => titles.has(url))
      .map(([url, short]) => ({ url, title: short ?? titles.get(url)! })),
  }));
}

/** A page's file within the site; Eleventy leaves `index.html` out. */
export function addressOf(url: string): string {
  return url.replace(/\/$/, "/index.html");
}
