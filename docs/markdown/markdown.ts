import MarkdownIt from "markdown-it";
import anchor from "markdown-it-anchor";
import { evidence } from "../evidence.ts";
import { figures } from "../figures.ts";
import { tour } from "../tour/show.ts";
import { codeBlocks } from "./code.ts";
import { includes } from "./includes.ts";
import { links } from "./links.ts";
import { requirements } from "./requirements.ts";
import { slots } from "./slots.ts";
import { tables } from "./tables.ts";

/** How GitHub names a heading, so that links within the sources' READMEs hold here, too. */
export function slug(heading: string): string {
  return heading
    .toLowerCase()
    .trim()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-");
}

/** The Markdown of the specification, the READMEs and the guides. */
export async function markdown(): Promise<MarkdownIt> {
  const md = new MarkdownIt({ html: true, linkify: false });
  md.use(includes)
    .use(requirements, await evidence())
    .use(anchor, { level: [2, 3, 4, 5, 6], slugify: slug, tabIndex: false })
    .use(links)
    .use(tables);
  md.use(await codeBlocks()).use(slots, new Map([...(await tour()), ["figures", await figures()]]));
  return md;
}
