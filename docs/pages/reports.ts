import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { reportOn } from "../../conformance/commands/report.ts";
import { html } from "../../conformance/reporters/html/markup.ts";
import type { Markup } from "../../conformance/reporters/html/markup.ts";
import { UsageError } from "../../conformance/run/select.ts";
import type { ConformanceResult } from "../../schemas/conformance-result.ts";
import { ROOT } from "../root.ts";
import type { Page } from "./pages.ts";
import { table } from "./table.ts";

/** Where the suite's runs against the references leave their results. */
const RESULTS = {
  server: { file: "reports/conformance.json", name: "The reference server", command: "npm start" },
  client: {
    file: "reports/client-conformance.json",
    name: "The reference client",
    command: "npm run test:client",
  },
} as const;

/** What the suite found on the references, with the whole reports beside it. */
export async function reports(): Promise<Page> {
  const sections = await Promise.all((["server", "client"] as const).map(report));
  return {
    path: "evidence/reports.html",
    content: String(
      html`<h1>Conformance reports</h1>
        <p class="lead">
          What the suite found on this project's own server and client, when it last ran here.
        </p>
        ${sections}`,
    ),
    data: { title: "Conformance reports" },
  };
}

async function report(role: keyof typeof RESULTS): Promise<Markup> {
  const { file, name, command } = RESULTS[role];
  const missing = (why: string): Markup =>
    html`<h2 id="${role}">${name}</h2>
      <p class="missing">
        ${why} <code>${command}</code> writes <code>${file}</code>, and the next <code>npm run docs</code>
        shows it.
      </p>`;
  if (!existsSync(join(ROOT, file))) return missing("No result here yet:");
  try {
    const folder = join(ROOT, "docs/dist/evidence");
    mkdirSync(folder, { recursive: true });
    await reportOn(join(ROOT, file), [`html=${join(folder, `${role}-report.html`)}`]);
  } catch (error) {
    // What an earlier version of the suite wrote, say.
    if (error instanceof UsageError) return missing("The result that is here can't be shown:");
    throw error;
  }
  const result = JSON.parse(readFileSync(join(ROOT, file), "utf8")) as ConformanceResult;
  const { summary, startedAt, profiles, seed, durationMs } = result;
  const verdicts = Object.entries(summary.requirements)
    .map(
      ([verdict, number]) =>
        [verdict, number, summary.checks[verdict as keyof typeof summary.checks]] as const,
    )
    .filter(([, ...numbers]) => numbers.some((number) => number > 0));
  return html`<h2 id="${role}">${name}</h2>
    ${table(
      `${name}: verdicts`,
      ["verdict", "requirements", "checks"],
      verdicts.map(([verdict, ...numbers]) => [
        html`<span class="badge ${verdict}">${verdict}</span>`,
        ...numbers.map((number) => html`${number.toLocaleString("en")}`),
      ]),
    )}
    <p>
      Profiles ${profiles.join(", ")}; seed <code>${String(seed)}</code>; ${startedAt.slice(0, 10)},
      ${(durationMs / 1000).toFixed(1)} s. <a href="/evidence/${role}-report.html">The whole report</a>,
      requirement by requirement.
    </p>
    <p>To see it yourself: <code>${command}</code></p>`;
}
