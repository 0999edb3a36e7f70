import type { CheckResult, Verdict } from "../../../schemas/conformance-result.ts";
import { weightOfRequirement } from "../outline.ts";
import type { Judged } from "../outline.ts";
import { html } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { sequence } from "./sequence.ts";

type Role = Judged["requirement"]["role"];

/** Not by colour alone. */
const SIGN: Record<Verdict, string> = {
  passed: "✓",
  failed: "✗",
  warned: "!",
  "not-applicable": "–",
  inconclusive: "?",
  "could-not-run": "⊘",
};

export function badge(verdict: Verdict, known?: string): Markup {
  const mark = known === undefined ? html`` : html` <span class="badge known">known</span>`;
  return html`<span class="badge ${verdict}"><span aria-hidden="true">${SIGN[verdict]}</span> ${verdict}</span
    >${mark}`;
}

/** A requirement that opens to its place and its checks; open where something is to be mended. */
export function requirementSection(judged: Judged): Markup {
  const { requirement, clause, checks } = judged;
  const { id, level, role, verdict, profile, known } = requirement;
  const verdicts = [...new Set([verdict, ...checks.map((check) => check.verdict)])].join(" ");
  const open = ["failure", "error"].includes(weightOfRequirement(judged));
  return html`<details
    class="requirement ${verdict}"
    id="${id}"
    data-verdicts="${verdicts}"
    ${open ? "open" : ""}
  >
    <summary>
      <h3>${badge(verdict, known)} <span class="id">${id}</span> <span class="level">${level}</span></h3>
      <p>${clause?.text ?? "This suite's specification has no such requirement."}</p>
    </summary>
    <p class="place">
      ${clause ? html`<code>${clause.file}:${clause.line}</code>, ` : undefined}profile ${profile}
    </p>
    ${known === undefined ? undefined : html`<p class="reason">Known failure: ${known}</p>`}
    <ul class="checks">
      ${checks.map((check) => html`<li>${describeCheck(check, role)}</li>`)}
    </ul>
  </details>`;
}

function describeCheck(check: CheckResult, role: Role): Markup {
  const { id, name, verdict, message, durationMs, known } = check;
  const line = html`${badge(verdict, known)} <code class="id">${id}</code>
    <span class="took">${Math.round(durationMs)} ms</span> <span class="name">${name}</span>`;
  if (verdict === "passed" && message === null) return html`<div class="check passed">${line}</div>`;
  return html`<details class="check ${verdict}">
    <summary>${line}${message === null ? undefined : html`<span class="message">${message}</span>`}</summary>
    ${known === undefined ? undefined : html`<p class="reason">Known failure: ${known}</p>`}
    ${verdict === "failed" || verdict === "warned" ? comparison(check) : undefined} ${messages(check, role)}
    ${again(check)}
  </details>`;
}

function comparison({ expected, actual, history }: CheckResult): Markup {
  if (history && Array.isArray(actual)) {
    return html`<h4>Operations that contradict each other</h4>
      <pre class="diagram">${actual.join("\n")}</pre>`;
  }
  return html`<dl class="comparison">
    <div>
      <dt>Expected</dt>
      <dd><pre>${shown(expected)}</pre></dd>
    </div>
    <div>
      <dt>Actual</dt>
      <dd><pre>${shown(actual)}</pre></dd>
    </div>
  </dl>`;
}

function shown(json: unknown): string {
  return typeof json === "string" ? json : (JSON.stringify(json, null, 2) ?? "nothing");
}

function messages({ transcript }: CheckResult, role: Role): Markup {
  return transcript.length === 0
    ? html`<p class="aside">No messages were kept.</p>`
    : sequence(transcript, role);
}

function again({ rerun }: CheckResult): Markup {
  if (rerun === null) return html``;
  return html`<div class="again">
    <h4>Run it again</h4>
    <pre><code>${rerun}</code></pre>
    <button type="button" class="copy" hidden>Copy command</button>
  </div>`;
}
