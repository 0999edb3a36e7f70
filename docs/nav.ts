interface Section<Page> {
  title: string;
  pages: readonly Page[];
}

/** What stands beside every page. */
const NAV: readonly Section<string>[] = [
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
      "/spec/index.html",
      "/spec/terminology.html",
      "/spec/data.html",
      "/spec/ordering.html",
      "/spec/discovery.html",
      "/spec/http.html",
      "/spec/pull.html",
      "/spec/push.html",
      "/spec/batch.html",
      "/spec/status.html",
      "/spec/idempotency.html",
      "/spec/consistency.html",
      "/spec/limits.html",
      "/spec/auth.html",
      "/spec/errors.html",
      "/spec/realtime.html",
      "/spec/messages.html",
      "/spec/client.html",
      "/spec/conflict.html",
      "/spec/delta.html",
      "/spec/sharing.html",
      "/spec/rooms.html",
      "/spec/security.html",
      "/spec/departures.html",
      "/spec/rationale.html",
    ],
  },
  {
    title: "Reference",
    pages: [
      "/reference/requirements.html",
      "/reference/endpoints.html",
      "/reference/messages.html",
      "/reference/shapes.html",
      "/reference-client/index.html",
      "/reference-server/index.html",
      "/api/index.html",
    ],
  },
  {
    title: "Evidence",
    pages: ["/evidence/reports.html", "/evidence/mutants.html", "/evidence/benchmarks.html"],
  },
];

/** The sections with their pages' titles; a page that could not be made is not shown. */
export function navigation(
  pages: readonly { url: string; data: { title: string; short?: string } }[],
): Section<{ url: string; title: string }>[] {
  const titles = new Map(pages.map(({ url, data }) => [addressOf(url), data.short ?? data.title]));
  return NAV.map(({ title, pages: urls }) => ({
    title,
    pages: urls.flatMap((url) => (titles.has(url) ? [{ url, title: titles.get(url)! }] : [])),
  }));
}

/** A page's file within the site; Eleventy leaves `index.html` out. */
export function addressOf(url: string): string {
  return url.replace(/\/$/, "/index.html");
}
