import { bundle, launchChromium, openPage, ORIGIN, serveScript } from "../adapters/testing/chromium.ts";
import { startServer, tokenFor } from "./server.ts";

/*
 * npm run bench:client. How long a page is held up by 10,000 items, in Chromium: what waits is flushed, a new device pulls, what is stored is
 * opened again. Times are this machine's, so they are given beside a frame, beside what IndexedDB itself takes for the same rows, and beside a page that does
 * nothing for as long as the flush took: what holds that up is the machine. Nothing is judged.
 */

const COUNT = Number(process.argv[2] ?? 10_000);
const FRAME = 1000 / 60;

interface Measured {
  took: number;
  blocked: number;
}

declare const bench: (
  ...given: [url: string, token: string, user: string, count: number]
) => Promise<
  Record<"flush" | "pull" | "reopen" | "raw" | "rest", Measured> &
    Record<"left" | "pulled" | "shown" | "rows", number>
>;

// As many pushes as it takes: what is measured is the page.
const server = await startServer("--model", "--origin", ORIGIN);
const browser = await launchChromium();
try {
  const script = await bundle(new URL("bench.page.ts", import.meta.url));
  const context = await browser.newContext();
  await serveScript(context, script);
  const page = await openPage(context);
  const token = await tokenFor("bench");
  const given = [server.url, token, "bench", COUNT] as const;
  const { left, pulled, shown, rows, ...figures } = await page.evaluate((all) => bench(...all), [
    ...given,
  ] as Parameters<typeof bench>);
  if (left > 0 || [pulled, shown, rows].some((number) => number !== COUNT))
    throw new Error(
      `${COUNT} written, ${left} left unsent, ${rows} stored, ${shown} shown again, ${pulled} pulled`,
    );
  const what = {
    flush: "flushed",
    pull: "pulled by a new device",
    reopen: "opened again",
    raw: "read by IndexedDB alone",
    rest: "a page at rest",
  };
  process.stdout.write(
    `${COUNT.toLocaleString("en")} items in Chromium    took       longest block   in frames   to IndexedDB's\n`,
  );
  for (const [name, { took, blocked }] of Object.entries(figures) as [keyof typeof figures, Measured][]) {
    const columns = [
      what[name].padEnd(26),
      `${took.toFixed(0)} ms`.padStart(9),
      `${blocked.toFixed(1)} ms`.padStart(14),
      `${(blocked / FRAME).toFixed(1)} ×`.padStart(13),
      `${(blocked / figures.raw.blocked).toFixed(2)} ×`.padStart(15),
    ];
    process.stdout.write(`${columns.join("")}\n`);
  }
} finally {
  await browser.close();
  await server.kill();
}
