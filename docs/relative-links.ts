/**
 * Writes each link from the site's root (`/spec/push.html`) as seen from a page, so that the site works from any path, and
 * from files.
 */
export function relativeLinks(html: string, url: string): string {
  const up = "../".repeat(url.split("/").length - 2) || "./";
  return html.replace(
    /(<[a-z][^<>]*?\s(?:href|src)=")\/(?!\/)([^"]*)"/g,
    (_, start: string, path: string) => `${start}${up}${path}"`,
  );
}
