import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { reportOn } from "../../conformance/commands/report.ts";
import { html } from "../../conformance/reporters/html/markup.ts";
import type { Markup } from "../../conformance/reporters/html/markup.ts";
import { UsageError } from "../../conformance/run/select.ts";
import type { ConformanceResult } from "../../schemas/conformance-result.ts";
import { siteAddress } from "../addresses.ts";
import { count, evidence } from "../evidence.ts";
import type { Evidence } from "../evidence.ts";
import { badge } from "../markdown/proof.ts";
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

/** What shows that the rest is true: every requirement, the reports, the mutants, the benchmarks. */
export async function evidencePages(): Promise<Page[]> {
  const all = await evidence();
  return [requirements(all), await reports(), mutants(all), benchmarks()];
}

/** A requirement's anchor in the specification. */
function clause({ id, file }: Evidence["requirements"][number]): Markup {
  return html`<a href="${siteAddress(file)}#${id.toLowerCase()}"><code>${id}</code></a>`;
}

function requirements(all: Evidence): Page {
  const areas = Map.groupBy(all.requirements, ({ file }) => file);
  const sections = [...areas].map(
    ([file, ofArea]) =>
      html`<h2 id="${file.replace(/^spec\/|\.md$/g, "")}">${file.replace(/^spec\/|\.md$/g, "")}</h2>
        ${table(
          `Requirements of ${file}`,
          ["requirement", "level", "says", "checks"],
          ofArea.map((one) => [
            clause(one),
            badge(one),
            html`${one.text}`,
            html`${all.of(one.id).length || (one.unobservable === undefined ? "later" : "not observable")}`,
          ]),
        )}`,
  );
  return {
    path: "reference/requirements.html",
    content: String(
      html`<h1>All requirements</h1>
        <p class="lead">
          ${count(all.requirements.length, "requirement")} on servers and clients. Each links to its place in
          the specification, with its reason, its checks, and the faults that they catch.
        </p>
        ${sections}`,
    ),
    data: { title: "All requirements", search: false },
  };
}

async function reports(): Promise<Page> {
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
        ${why} <code>${command}</code> writes <code>${file}</code>, and the next build of this site shows it.
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

function mutants(all: Evidence): Page {
  const faults = (checks: Evidence["checks"]): string[] => [
    ...new Set(checks.flatMap(({ brokenBy }) => brokenBy.map(({ name }) => name))),
  ];
  const areas = Map.groupBy(
    all.requirements.filter(({ id }) => all.of(id).length > 0),
    ({ file }) => file,
  );
  const [server, client] = (["server", "client"] as const).map(
    (role) => faults(all.checks.filter((check) => check.role === role)).length,
  );
  return {
    path: "evidence/mutants.html",
    content: String(
      html`<h1>Faulty implementations</h1>
        <p class="lead">
          A check is worth what it catches. Each of the suite's ${all.checks.length.toLocaleString("en")}
          checks must pass on an implementation that conforms, and fail, by an assertion of its own, on every
          mutant that it names: ${server!.toLocaleString("en")} faulty servers and
          ${client!.toLocaleString("en")} faulty clients, each with one fault that a real one might have.
        </p>
        <p>
          <code>npm test</code> holds every pair on every commit.
          <code>npx mirubato-sync mutants --report html=mutants.html</code> runs them now, with
          <code>--role client</code> for the faulty clients, and
          <code>serve --model --mutant &lt;name&gt;</code> serves one to try your own tests on. Their stories
          stand at each requirement.
        </p>
        ${[...areas].map(
          ([file, ofArea]) =>
            html`<h2 id="${file.replace(/^spec\/|\.md$/g, "")}">${file.replace(/^spec\/|\.md$/g, "")}</h2>
              ${table(
                `Mutants of ${file}`,
                ["requirement", "checks", "mutants", "caught"],
                ofArea.map((one) => {
                  const names = faults(all.of(one.id));
                  return [
                    clause(one),
                    html`${all.of(one.id).length}`,
                    html`${names.length}`,
                    html`${names.map((name, index) => html`${index > 0 ? ", " : ""}<code>${name}</code>`)}`,
                  ];
                }),
              )}`,
        )}`,
    ),
    data: { title: "Faulty implementations", search: false },
  };
}

/** As much of a benchmark's result as is told here. */
interface BenchResult {
  machine: { cores: number; model?: string; cpu?: string; at?: string };
  startedAt?: string;
  subjects?: { id: string; name?: string }[];
  workloads: { id: string; group: string; title: string; unit: string }[];
  measurements: {
    workload: string;
    subject: string;
    median: number;
    min: number;
    max: number;
    ratio?: { median: number } | null;
  }[];
  targets: { verdict: string; says: string; actual: number | null }[];
}

function benchmarks(): Page {
  const folder = join(ROOT, "bench/results");
  const all = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  const told = all.filter((file) => file.endsWith(".md"));
  const links = told.map((file) => {
    const title = /^# (.+)$/m.exec(readFileSync(join(folder, file), "utf8"))?.[1] ?? file;
    return html`<li><a href="${siteAddress(`bench/results/${file}`)}">${title}</a></li>`;
  });
  // What has a page of its own is not told twice.
  const files = all.filter((file) => file.endsWith(".json") && !told.includes(file.replace(/json$/, "md")));
  const results = files.map((file) => {
    const result = JSON.parse(readFileSync(join(folder, file), "utf8")) as BenchResult;
    const name = file.replace(/\.json$/, "");
    if (!Array.isArray(result.workloads) || !Array.isArray(result.measurements)) {
      return html`<h2 id="${name}">${name}</h2>
        <p>
          <a href="${siteAddress(`bench/results/${file}`)}"><code>bench/results/${file}</code></a>
        </p>`;
    }
    return bench(name, file, result);
  });
  return {
    path: "evidence/benchmarks.html",
    content: String(
      html`<h1>Benchmarks and cost</h1>
        <p class="lead">
          Measured in turns on one machine, so that what is compared met the same conditions. A ratio says
          more than a figure: it holds on other machines, too.
        </p>
        ${
          links.length === 0
            ? undefined
            : html`<ul>
                ${links}
              </ul>`
        }
        ${
          results.length + links.length === 0
            ? html`<p class="missing">
                No result here yet: the benchmarks write theirs to <code>bench/results</code>, and the next
                build of this site shows them.
              </p>`
            : results
        }`,
    ),
    data: { title: "Benchmarks and cost" },
  };
}

function bench(
  name: string,
  file: string,
  { workloads, measurements, targets, machine }: BenchResult,
): Markup {
  const figure = (value: number): string =>
    Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
  return html`<h2 id="${name}">${name}</h2>
    <p>On ${machine.cores} cores. <a href="${siteAddress(`bench/results/${file}`)}">All figures</a>.</p>
    ${
      targets?.length > 0
        ? table(
            `Targets of ${name}`,
            ["target", "measured", "verdict"],
            targets.map(({ says, actual, verdict }) => [
              html`${says}`,
              html`${actual === null ? "–" : figure(actual)}`,
              html`<span class="badge ${verdict === "met" ? "passed" : "warned"}">${verdict}</span>`,
            ]),
          )
        : undefined
    }
    ${workloads.map(
      ({ id, group, title, unit }) =>
        html`<h3 id="${name}-${id}">${group}: ${title}</h3>
          ${table(
            `${title}, ${unit}`,
            ["subject", unit, "least – most", "ratio"],
            measurements
              .filter(({ workload }) => workload === id)
              .map(({ subject, median, min, max, ratio }) => [
                html`${subject}`,
                html`${figure(median)}`,
                html`${figure(min)} – ${figure(max)}`,
                html`${ratio ? `${figure(ratio.median)} ×` : ""}`,
              ]),
          )}`,
    )}`;
}
