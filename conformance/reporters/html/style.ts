/** Light and dark, from 360 px on, and on paper. */
export const STYLE = String.raw`:root {
  color-scheme: light dark;
  --page: #ffffff; --card: #f6f7f9; --line: #d3d8df; --text: #1b2129; --soft: #55606e; --link: #0b57b0;
  --passed: #17692e; --failed: #b3161f; --warned: #855000; --inconclusive: #7a2fa0; --could-not-run: #a33a00;
  --not-applicable: #55606e; --known: #0b57b0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171b; --card: #1e2329; --line: #3b434d; --text: #e7eaee; --soft: #a3adb9; --link: #84b9ff;
    --passed: #6fd08a; --failed: #ff8f8f; --warned: #f2bd62; --inconclusive: #d7a5f2; --could-not-run: #ffa374;
    --not-applicable: #a3adb9; --known: #84b9ff;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0 auto; max-width: 68rem; padding: 1rem clamp(0.75rem, 3vw, 2rem) 3rem;
  background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { margin: 0 0 1rem; font-size: clamp(1.5rem, 5vw, 2.1rem); line-height: 1.2; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.2rem; }
h3, h4 { margin: 0; font-size: 1rem; }
h4 { margin: 1rem 0 0.4rem; font-size: 0.85rem; color: var(--soft); }
p { margin: 0.25rem 0; }
a { color: var(--link); }
code, pre, .id { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.875em; }
pre, code { unicode-bidi: isolate; }
pre {
  margin: 0; padding: 0.6rem 0.75rem; border: 1px solid var(--line); border-radius: 6px; background: var(--page);
  white-space: pre-wrap; max-height: 24rem; overflow: auto;
}
pre.diagram { white-space: pre; max-height: none; }
pre code { font-size: 1em; }
summary { cursor: pointer; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px; }
.took, .at, .level { white-space: nowrap; }
.title, .place, .took, .at, .aside, footer { color: var(--soft); font-size: 0.85rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr)); gap: 0.25rem 1.5rem; margin: 0; }
.facts div { display: flex; gap: 0.75rem; }
.facts dt { flex: none; width: 6.5rem; color: var(--soft); }
dd { margin: 0; min-width: 0; }
.counts { margin-top: 1rem; border-collapse: collapse; }
.counts caption { text-align: start; color: var(--soft); font-size: 0.85rem; }
.counts th, .counts td { padding: 0.25rem 1.25rem 0.25rem 0; border-bottom: 1px solid var(--line); text-align: start; font-weight: normal; }
.counts th { overflow-wrap: normal; }
.counts td { text-align: end; font-variant-numeric: tabular-nums; }
.situations { margin-top: 0.75rem; }
.situations ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); gap: 0 1.5rem; margin: 0.4rem 0; padding: 0; list-style: none; }
.situations b { font-variant-numeric: tabular-nums; }
.badge { display: inline-block; font-size: 0.85rem; font-weight: 650; white-space: nowrap; color: var(--soft); }
.badge.passed { color: var(--passed); }
.badge.failed { color: var(--failed); }
.badge.warned { color: var(--warned); }
.badge.inconclusive { color: var(--inconclusive); }
.badge.could-not-run { color: var(--could-not-run); }
.badge.known { padding: 0 0.4rem; border: 1px solid currentColor; border-radius: 1rem; color: var(--known); }
.mend ul { margin: 0; padding: 0; list-style: none; }
.mend li { padding: 0.3rem 0; border-bottom: 1px solid var(--line); }
#filters {
  position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: 0.4rem 1.25rem; align-items: center;
  margin-top: 1.5rem; padding: 0.6rem 0; background: var(--page); border-bottom: 1px solid var(--line);
}
#filters input[type="search"] {
  font: inherit; width: 14rem; max-width: 100%; padding: 0.3rem 0.5rem; color: inherit; background: var(--page);
  border: 1px solid var(--soft); border-radius: 6px;
}
#filters fieldset { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 0; padding: 0; border: 0; }
#filters legend { float: left; margin-inline-end: 1rem; padding: 0; color: var(--soft); }
#shown { margin: 0; color: var(--soft); font-size: 0.85rem; }
.requirement { border-bottom: 1px solid var(--line); scroll-margin-top: 6rem; }
.requirement > summary { padding: 0.5rem 0 0.5rem 1.4rem; list-style-position: outside; }
.requirement > summary { list-style: none; position: relative; }
.requirement > summary::-webkit-details-marker { display: none; }
.requirement > summary::before, .check > summary::before {
  content: "▸"; position: absolute; left: 0; color: var(--soft);
}
.requirement[open] > summary::before, .check[open] > summary::before { content: "▾"; }
.requirement h3 { display: flex; flex-wrap: wrap; gap: 0 0.75rem; align-items: baseline; }
.requirement .level { color: var(--soft); font-size: 0.85rem; font-weight: normal; }
.requirement > :not(summary) { margin-left: 1.4rem; }
.checks { padding: 0 0 0.75rem; margin-block: 0.25rem 0; list-style: none; }
.check { padding: 0.4rem 0.75rem 0.4rem 1.9rem; border-radius: 6px; position: relative; }
details.check { margin: 0.3rem 0; background: var(--card); }
.check > summary { list-style: none; }
.check > summary::-webkit-details-marker { display: none; }
.check > summary::before { left: 0.75rem; }
.check .name, .check .message { display: block; }
.check .message { color: var(--soft); }
.mutants { margin: 0.4rem 0 0; padding: 0 0 0 0.75rem; border-left: 2px solid var(--line); list-style: none; }
.mutants li { padding: 0.25rem 0; }
.mutants .name { color: var(--soft); font-size: 0.9rem; }
.comparison { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); gap: 0.75rem; margin: 0.75rem 0 0; }
.comparison > div { min-width: 0; }
.comparison dt { color: var(--soft); font-size: 0.85rem; font-weight: 650; }
.reason { padding-left: 0.6rem; border-left: 3px solid var(--known); }
.sequence { border: 1px solid var(--line); border-radius: 6px; background: var(--page); padding: 0.5rem 0; }
.sequence.wide { overflow-x: auto; }
.sequence.wide > div { min-width: 40rem; }
.lanes { display: flex; font-size: 0.75rem; font-weight: 650; text-align: center; border-bottom: 1px solid var(--line); padding-bottom: 0.35rem; }
.lanes span { flex: 1 1 0; min-width: 0; padding: 0 0.25rem; align-self: end; }
.messages { position: relative; }
.lifelines { position: absolute; inset: 0; width: 100%; height: 100%; }
.lifelines line { stroke: var(--line); stroke-width: 1; }
.messages ol { position: relative; margin: 0; padding: 0; list-style: none; }
.message-row > summary { list-style: none; padding: 0.4rem 0 0; }
.message-row > summary::-webkit-details-marker { display: none; }
.message-row > summary:hover strong, .message-row[open] > summary strong { text-decoration: underline; }
.label { display: block; width: fit-content; max-width: calc(100% - 1rem); margin: 0 auto; padding: 0 0.35rem; background: var(--page); font-size: 0.85rem; text-align: center; }
.label::before { content: "▸ "; color: var(--soft); }
.message-row[open] .label::before { content: "▾ "; }
.label em { display: block; color: var(--warned); font-style: normal; }
.preview { display: block; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; unicode-bidi: isolate; color: var(--soft); font: 0.75rem/1.4 ui-monospace, Menlo, Consolas, monospace; }
.arrow { display: block; width: 100%; height: 12px; }
.arrow line, .arrow path { stroke: var(--text); stroke-width: 1.5; fill: none; }
.arrow line.answer { stroke-dasharray: 5 4; }
.content { padding: 0.4rem 0.75rem 0.75rem; display: grid; gap: 0.5rem; font-size: 0.85rem; }
.content p { width: fit-content; padding: 0 0.35rem; background: var(--page); color: var(--soft); }
.again { margin-bottom: 0.5rem; }
.copy { margin-top: 0.5rem; padding: 0.35rem 0.8rem; font: inherit; font-size: 0.85rem; color: var(--text); background: var(--page); border: 1px solid var(--soft); border-radius: 6px; cursor: pointer; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 30rem) {
  .counts th, .counts td { padding-inline-end: 0.75rem; }
  .requirement > :not(summary) { margin-left: 0; }
  .check { padding-inline: 1.4rem 0.4rem; }
  .check > summary::before { left: 0.3rem; }
  #filters { position: static; }
  /* The lanes scroll; what is to be read stays. */
  .wide .label, .wide .content { position: sticky; left: 0; width: 17.5rem; max-width: none; margin: 0; text-align: start; }
}
@media print {
  #filters, .copy, .mend { display: none !important; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  pre { max-height: none; }
  .requirement:not(.passed)::details-content, .check::details-content { content-visibility: visible; display: block; }
  .comparison, .message-row, .again { break-inside: avoid; }
}
`;
