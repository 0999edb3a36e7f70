/** A heading of a page, for the list beside it. */
export interface Entry {
  id: string;
  text: string;
  /** Requirements are listed by their ids alone, under the heading that they stand below. */
  requirements: { id: string; text: string }[];
}

const HEADING = /<h([234])[^>]*\sid="([^"]+)"[^>]*>([\s\S]*?)<\/h\1>/g;

/** The headings of a page and its requirements, read from its HTML. */
export function contents(html: string): Entry[] {
  const entries: Entry[] = [];
  for (const [, level, id, inner] of html.matchAll(HEADING)) {
    const text = inner!.replace(/<[^>]+>/g, "").trim();
    const requirement = /^[A-Z]+-\d{3}/.exec(text)?.[0];
    if (requirement !== undefined)
      (entries.at(-1) ?? started(entries)).requirements.push({ id: id!, text: requirement });
    else if (level === "2") entries.push({ id: id!, text, requirements: [] });
  }
  return entries;
}

/** A page may begin with requirements, before any heading. */
function started(entries: Entry[]): Entry {
  const top = { id: "content", text: "Requirements", requirements: [] };
  entries.push(top);
  return top;
}
