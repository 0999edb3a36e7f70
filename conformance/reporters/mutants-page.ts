import type { MutantsResult } from "../../schemas/mutants-result.ts";
import type { Requirement } from "../../spec/requirements.ts";
import type { Matrix, Row } from "../matrix/matrix.ts";
import { SUITE_VERSION } from "../versions.ts";
import { html } from "./html/markup.ts";
import type { Markup } from "./html/markup.ts";
import { factList, filterForm, NOTHING_FOUND, page } from "./html/page.ts";

/** What there is to tell of the suite's own faulty servers, or clients. */
export interface MutantsReport {
  /** Whose faults they are. */
  role: "server" | "client";
  matrix: Matrix;
  result: MutantsResult;
  seed: string;
  durationMs: number;
  /** Every requirement of the specification, in its order. */
  requirements: readonly Requirement[];
}

/** One file: every requirement with its checks, and with the faulty servers, or clients, that each catches. */
export function renderMutantsPage(report: MutantsReport): string {
  const { result, matrix, requirements, role } = report;
  const { total, killed, survivors } = result;
  const rowsOf = Map.groupBy(matrix.rows, ({ check }) => check.requirement);
  const areas = Map.groupBy(
    requirements.filter(({ id }) => rowsOf.has(id)),
    ({ file }) => file,
  );
  const failed = matrix.trials.filter(({ held }) => !held);
  const outcome = outcomeIn(matrix);
  const headline =
    failed.length === 0 && survivors.length === 0
      ? `All ${total} faulty ${role}s are caught`
      : survivors.length > 0
        ? `${survivors.length} of ${total} faulty ${role}s ${survivors.length === 1 ? "goes" : "go"} unnoticed`
        : `${failed.length} of ${matrix.trials.length} trials did not come out as they must`;
  const body = html`<header>
      <p class="title">Mirubato Sync: the proof that its suite can fail</p>
      <h1>${headline}</h1>
      <p>
        Each check of the suite must pass on a ${role} that conforms, and fail on each of its mutants: the
        same ${role} with one fault that a real one might have. Only an assertion of the check's own counts; a
        crash, a time-out or a failed set-up does not.
      </p>
      ${factList([
        ["Mutants", `${total}, killed ${killed}, survived ${survivors.length}`],
        ["Checks", `${matrix.rows.length}, for ${rowsOf.size} requirements`],
        ["Trials", String(matrix.trials.length)],
        ["Seed", report.seed],
        ["Suite", SUITE_VERSION],
        ["Took", `${(report.durationMs / 1000).toFixed(1)} s`],
      ])}
    </header>
    <main>
      ${filterForm(["killed", ...(failed.length > 0 ? ["survived"] : [])], "id, fault, story")}
      ${[...areas].map(
        ([file, ofFile]) =>
          html`<section class="area">
            <h2>${file}</h2>
            ${ofFile.map((requirement) => section(requirement, rowsOf.get(requirement.id) ?? [], outcome))}
          </section>`,
      )}
      ${NOTHING_FOUND}
    </main>
    <footer>
      <p>Made by Mirubato Sync's conformance suite ${SUITE_VERSION}: mirubato-sync mutants.</p>
    </footer>`;
  return page({ title: `Mutants of Mirubato Sync's suite: ${headline}`, body });
}

/** Why a trial did not come out as it must; undefined where it did. */
type Outcome = (check: string, mutant: string | null) => string | undefined;

function outcomeIn({ trials }: Matrix): Outcome {
  const whys = new Map(
    trials
      .filter(({ held }) => !held)
      .map(({ check, mutant, why }) => [`${check} ${mutant ?? ""}`, why ?? "no reason was told"]),
  );
  return (check, mutant) => whys.get(`${check} ${mutant ?? ""}`);
}

function section(
  { id, level, file, line, profile, text }: Requirement,
  rows: readonly Row[],
  outcome: Outcome,
): Markup {
  const states = rows.flatMap(({ check, mutants }) =>
    [null, ...mutants.map(({ name }) => name)].map((name) => outcome(check.id, name) === undefined),
  );
  const whole = states.every(Boolean);
  const faults = new Set(rows.flatMap(({ mutants }) => mutants)).size;
  return html`<details
    class="requirement"
    id="${id}"
    data-verdicts="${states.some(Boolean) ? "killed" : ""} ${whole ? "" : "survived"}"
    ${whole ? "" : "open"}
  >
    <summary>
      <h3>
        ${badge(whole)} <span class="id">${id}</span> <span class="level">${level}</span>
        <span class="level">${faults} ${faults === 1 ? "mutant" : "mutants"}</span>
      </h3>
      <p>${text}</p>
    </summary>
    <p class="place"><code>${file}:${line}</code>, profile ${profile}</p>
    <ul class="checks">
      ${rows.map((row) => html`<li>${described(row, outcome)}</li>`)}
    </ul>
  </details>`;
}

function described({ check, mutants }: Row, outcome: Outcome): Markup {
  const onModel = outcome(check.id, null);
  return html`<div class="check">
    <code class="id">${check.id}</code>
    <span class="name">${check.name}</span>
    ${onModel === undefined ? undefined : html`<p class="reason">Not passed on the model: ${onModel}</p>`}
    <ul class="mutants">
      ${mutants.map(({ name, story }) => {
        const why = outcome(check.id, name);
        return html`<li>
          ${badge(why === undefined)} <code>${name}</code>
          <span class="name">${story}</span>
          ${why === undefined ? undefined : html`<p class="reason">${why}</p>`}
        </li>`;
      })}
    </ul>
  </div>`;
}

/** Not by colour alone. */
function badge(killed: boolean): Markup {
  return killed
    ? html`<span class="badge passed"><span aria-hidden="true">✓</span> killed</span>`
    : html`<span class="badge failed"><span aria-hidden="true">✗</span> survived</span>`;
}
