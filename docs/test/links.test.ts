import { existsSync } from "node:fs";
import { posix } from "node:path";
import { expect, it } from "vitest";
import { loadRequirements } from "../../spec/requirements.ts";
import { pages, read, SITE } from "./site.ts";

const LINK = /<[a-z][^<>]*?\s(?:href|src)="([^"]*)"/g;
const ID = /<[a-z][^<>]*?\sid="([^"]*)"/g;

const all = new Map(pages().map((page) => [page, read(page)]));
const ids = new Map(
  [...all].map(([page, html]) => [page, new Set([...html.matchAll(ID)].map(([, id]) => id!))]),
);

function unescaped(text: string): string {
  return text.replaceAll("&amp;", "&").replaceAll("&quot;", '"').replaceAll("&#39;", "'");
}

/** What is wrong with a link of a page; nothing where it leads somewhere. */
function fault(page: string, link: string): string | undefined {
  if (/^[a-z]+:/i.test(link)) return undefined;
  const [path, fragment] = unescaped(link).split("#") as [string, string | undefined];
  const target = path === "" ? page : posix.join(posix.dirname(page), decodeURI(path));
  if (path.startsWith("/")) return "begins at the root, so it breaks below a path";
  if (!all.has(target)) return existsSync(posix.join(SITE, target)) ? undefined : "leads nowhere";
  if (fragment === undefined || fragment === "" || ids.get(target)!.has(decodeURIComponent(fragment)))
    return undefined;
  return "has no such anchor there";
}

it("has no link or anchor that leads nowhere", () => {
  const broken = [...all].flatMap(([page, html]) =>
    [...html.matchAll(LINK)]
      .map(([, link]) => link!)
      .map((link) => ({ page, link, fault: fault(page, link) }))
      .filter((one) => one.fault !== undefined),
  );
  expect(broken).toEqual([]);
});

it("fetches nothing from anywhere else", () => {
  const foreign = [...all].flatMap(([page, html]) =>
    [
      ...html.matchAll(
        /<(?:script|link|img|iframe)\s[^>]*(?:href|src)="([a-z]+:\/\/[^"]*)"|@import url\(['"]?([a-z]+:[^)]*)/g,
      ),
    ].map(([found]) => `${page}: ${found}`),
  );
  expect(foreign).toEqual([]);
});

it("gives each anchor of a page once", () => {
  const twice = [...all].flatMap(([page, html]) => {
    const seen = [...html.matchAll(ID)].map(([, id]) => id!);
    return seen.filter((id, index) => seen.indexOf(id) !== index).map((id) => `${page}#${id}`);
  });
  expect(twice).toEqual([]);
});

it("gives every requirement its anchor", () => {
  const missing = loadRequirements().filter(
    ({ id, file }) => !ids.get(file.replace(/\.md$/, ".html"))?.has(id.toLowerCase()),
  );
  expect(missing).toEqual([]);
});
