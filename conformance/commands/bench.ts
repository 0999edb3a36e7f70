import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { casesOf } from "../bench/cases.ts";
import { renderPage } from "../bench/page.ts";
import { PLANS } from "../bench/plan.ts";
import type { Plan } from "../bench/plan.ts";
import { play } from "../bench/play.ts";
import type { BenchResult } from "../bench/result.ts";
import { BenchServer } from "../bench/server.ts";
import { tell } from "../bench/text.ts";
import { doorstep } from "../run/doorstep.ts";
import { requireWritable, writeWhole } from "../run/output-file.ts";
import { didYouMean, UsageError } from "../run/select.ts";
import { readSettings } from "../run/settings.ts";
import type { Flags } from "../run/settings.ts";
import { openSubject, withPort } from "../subject/open.ts";
import type { TestIo } from "./test-io.ts";

export interface BenchFlags extends Omit<Flags, "profile"> {
  /** `quick` or `full`. */
  profile?: string;
  json?: string;
  html?: string;
}

/** What is asked of the server beside what the profile says; for tests, which have no time. */
type Plans = Readonly<Record<BenchResult["profile"], Plan>>;

/**
 * `mirubato-sync bench`: puts a load on a server, tells how it did, and deletes what it wrote.
 * @returns the exit status
 * @throws UsageError for a mistake in the flags
 * @throws CouldNotRun where the server does not come up, limits rates, or does not do what it is asked
 */
export async function bench(flags: BenchFlags, io: TestIo, plans: Plans = PLANS): Promise<0> {
  const { profile: named, json, html, ...rest } = flags;
  const profile = profileOf(named, plans);
  const settings = await withPort(readSettings(rest, io.env, io.folder));
  for (const [option, file] of Object.entries({ json, html }))
    if (file !== undefined) requireWritable(resolve(io.folder, file), `--${option}`);
  const seed = flags.seed ?? randomBytes(4).toString("hex");
  const { out } = io;

  const open = await openSubject(settings, io.signal);
  const nonce = Date.now().toString(36);
  try {
    const signal = AbortSignal.any([io.signal, open.died]);
    await doorstep(open.subject, { nonce, signal });
    const server = new BenchServer(open.subject, nonce);
    const plan = plans[profile];
    const subject = { id: "server", name: "Server under load", about: `The server at ${settings.url}.` };
    const { groups, leftOut } = casesOf({ server, subject: subject.id, seed }, plan);
    out.write(`${profile} profile on ${settings.url}, seed ${seed}\n`);
    try {
      const result = await play({
        title: `The server at ${settings.url}`,
        seed,
        profile,
        plan,
        subjects: [subject],
        groups,
        notes: leftOut.map((what) => `left out: ${what}`),
        signal,
        onGroup: (title, index, of) => out.write(`  ${index + 1} of ${of}  ${title}\n`),
      });
      out.write(tell(result));
      if (json !== undefined) write(resolve(io.folder, json), `${JSON.stringify(result, null, 2)}\n`);
      if (html !== undefined) write(resolve(io.folder, html), renderPage(result));
    } finally {
      if (settings.start === undefined) await server.cleanUp();
    }
    return 0;
  } finally {
    await open.close();
  }
}

function write(file: string, text: string): void {
  writeWhole(file, text, "the result");
}

function profileOf(named: string | undefined, plans: Plans): BenchResult["profile"] {
  const names = Object.keys(plans) as BenchResult["profile"][];
  const found = names.find((name) => name === (named ?? "quick"));
  if (found !== undefined) return found;
  throw new UsageError(`--profile: there is no "${named}": quick or full.${didYouMean(named!, names)}`);
}
