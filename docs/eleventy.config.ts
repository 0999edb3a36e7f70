import { markdown } from "./markdown/markdown.ts";
import { addressOf, navigation } from "./nav.ts";
import { allPages } from "./pages/pages.ts";
import { relativeLinks } from "./relative-links.ts";
import { sourceAddress } from "./addresses.ts";
import { contents } from "./contents.ts";

/** Where Eleventy reads and writes, from the package's root. */
export const config = {
  dir: { input: "docs/content", includes: "../layouts", output: "docs/dist" },
  // Braces in prose and code are braces.
  markdownTemplateEngine: false,
  htmlTemplateEngine: false,
};

interface Eleventy {
  setQuietMode(quiet: boolean): void;
  setUseGitIgnore(use: boolean): void;
  setLibrary(engine: string, library: unknown): void;
  addTemplate(path: string, content: string, data: Record<string, unknown>): void;
  addGlobalData(name: string, value: unknown): void;
  addFilter(name: string, filter: (value: never) => unknown): void;
  addTransform(name: string, transform: (this: { page: { url: string } }, content: string) => string): void;
  addPassthroughCopy(paths: Record<string, string>): void;
}

export default async function configure(eleventy: Eleventy): Promise<void> {
  eleventy.setQuietMode(true);
  eleventy.setUseGitIgnore(false);
  eleventy.setLibrary("md", await markdown());
  eleventy.addGlobalData("layout", "page.njk");
  eleventy.addGlobalData("permalink", () => ({ page }: { page: { filePathStem: string } }) => {
    const stem = page.filePathStem.replace(/\/README$/, "/index");
    return `${stem}.html`;
  });
  eleventy.addFilter("contents", contents);
  eleventy.addFilter("source", (file: string) => sourceAddress(file));
  eleventy.addFilter("address", addressOf);
  eleventy.addFilter("navigation", navigation);
  eleventy.addTransform("relative-links", function (html) {
    return relativeLinks(html, this.page.url);
  });
  for (const { path, content, data } of await allPages()) eleventy.addTemplate(path, content, data);
  eleventy.addPassthroughCopy({ "docs/assets/favicon.svg": "assets/favicon.svg" });
}
