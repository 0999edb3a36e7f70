/** What Pagefind's own script gives, as far as it is used here. */
interface Pagefind {
  options(options: Record<string, unknown>): Promise<void>;
  debouncedSearch(term: string): Promise<{ results: { data(): Promise<Found> }[] } | null>;
}

interface Found {
  url: string;
  meta: { title: string };
  sub_results: { url: string; title: string; excerpt: string }[];
}

const SHOWN = 12;
const scripts =
  document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : location.href;

/** The search: nothing of it is loaded before it is opened. */
export function offerSearch(): void {
  const button = document.querySelector<HTMLButtonElement>("button.search");
  if (!button) return;
  button.hidden = false;
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", "Search");
  dialog.innerHTML = `<input type="search" aria-label="Search for" placeholder="PUSH-004, cursor, tombstone, …" autocomplete="off" spellcheck="false">
    <div class="found" tabindex="-1"><p role="status">Requirements, messages, errors, guides, code.</p><ol></ol></div>`;
  document.body.append(dialog);
  const input = dialog.querySelector("input")!;
  const status = dialog.querySelector('[role="status"]')!;
  const list = dialog.querySelector("ol")!;
  let loading: Promise<Pagefind> | undefined;

  const search = async (): Promise<void> => {
    const term = input.value.trim();
    if (term === "") return;
    const pagefind = await (loading ??= load());
    const answer = await pagefind.debouncedSearch(term);
    // A later word is being looked for.
    if (answer === null) return;
    const found = await Promise.all(answer.results.slice(0, SHOWN).map((result) => result.data()));
    status.textContent =
      answer.results.length === 0 ? `Nothing on "${term}".` : `${answer.results.length} pages`;
    list.replaceChildren(
      ...found.flatMap((page) => page.sub_results.slice(0, 3).map((part) => item(page, part))),
    );
  };
  const open = (): void => {
    dialog.showModal();
    input.select();
  };
  button.addEventListener("click", open);
  input.addEventListener("input", () => {
    search().catch(() => {
      status.textContent = "The search needs the pages to be served: npm run docs:serve";
    });
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const stops: HTMLElement[] = [input, ...list.querySelectorAll("a")];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    stops[(at + (event.key === "ArrowDown" ? 1 : -1) + stops.length) % stops.length]?.focus();
  });
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog || (target as Element).closest("a")) dialog.close();
  });
  document.addEventListener("keydown", (event) => {
    const typing = (event.target as Element).closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    open();
  });
}

async function load(): Promise<Pagefind> {
  const pagefind = (await import(new URL("../pagefind/pagefind.js", scripts).href)) as Pagefind;
  await pagefind.options({ baseUrl: new URL("..", scripts).pathname, excerptLength: 18 });
  return pagefind;
}

function item(page: Found, part: Found["sub_results"][number]): HTMLLIElement {
  const link = document.createElement("a");
  link.href = part.url;
  const title = document.createElement("strong");
  title.textContent = part.title === page.meta.title ? part.title : `${page.meta.title} › ${part.title}`;
  const excerpt = document.createElement("span");
  // Pagefind escapes the text itself; only its <mark> is markup.
  excerpt.innerHTML = part.excerpt;
  link.append(title, excerpt);
  const line = document.createElement("li");
  line.append(link);
  return line;
}
