/** The panel's own styles. Light or dark as the page's `color-scheme` is. */
export const STYLE = `
:host { display: block; }
.panel {
  --ground: light-dark(#ffffff, #15181d); --raised: light-dark(#f5f6f8, #1d2127); --line: light-dark(#dfe2e8, #30363f);
  --ink: light-dark(#1c2129, #e7eaee); --soft: light-dark(#5b6470, #9aa4b1); --accent: light-dark(#2457c5, #8db4ff);
  --good: light-dark(#1b7a4b, #63cf97); --warn: light-dark(#8a5a00, #f0bb5c); --bad: light-dark(#b3261e, #ff9d94);
  font: 13px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--ground);
  border: 1px solid var(--line); border-radius: 10px; overflow: hidden;
}
p, ul, ol, dl { margin: 0; padding: 0; list-style: none; }
.state { padding: 9px 12px; background: var(--raised); }
.dot { display: inline-block; inline-size: .6em; block-size: .6em; margin-inline-end: .5em; border-radius: 50%; background: var(--soft); }
.dot.connected { background: var(--good); }
.dot.reconnecting, .dot.connecting { background: var(--warn); }
.problem, .alarming { color: var(--bad); }
.panel > details { border-block-start: 1px solid var(--line); }
.panel > details > summary { display: flex; justify-content: space-between; gap: 1em; padding: 7px 12px; font-weight: 600; }
summary { cursor: pointer; }
summary::marker, summary::-webkit-details-marker { color: var(--soft); }
.panel > details > summary > :first-child::before { content: "▸"; display: inline-block; inline-size: 1.2em; color: var(--soft); }
.panel > details[open] > summary > :first-child::before { content: "▾"; }
summary:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.count { font-weight: 400; color: var(--soft); font-variant-numeric: tabular-nums; }
.count.alarming { color: var(--bad); font-weight: 600; }
.body { padding: 0 12px 10px; overflow-wrap: anywhere; }
.none { color: var(--soft); }
li + li { margin-block-start: 5px; }
ul > li { display: grid; grid-template-columns: auto 1fr; column-gap: 8px; align-items: baseline; }
.fine { grid-column: 2; color: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.tag { padding: 0 6px; border: 1px solid currentColor; border-radius: 99px; font-size: 11px; }
.tag.sent { color: var(--accent); } .tag.waiting { color: var(--warn); } .tag.refused { color: var(--bad); }
dl > div { display: flex; justify-content: space-between; gap: 1em; }
dt { color: var(--soft); } dd { margin: 0; text-align: end; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; inline-size: 100%; font-variant-numeric: tabular-nums; white-space: nowrap; }
th, td { padding: 2px 10px 2px 0; text-align: start; } th { color: var(--soft); font-weight: 400; }
td:first-child { max-inline-size: 12em; overflow: hidden; text-overflow: ellipsis; }
.messages { position: relative; max-block-size: 22em; overflow-y: auto; }
.messages li + li { margin: 0; }
.line { display: flex; gap: 7px; padding: 2px 0; }
summary.line { list-style: none; } summary.line::-webkit-details-marker { display: none; }
summary.line .what { text-decoration: underline; text-decoration-color: var(--line); text-underline-offset: 3px; }
.line time { margin-inline-start: auto; color: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
.line .sent { color: var(--accent); } .line .received { color: var(--good); }
pre { margin: 4px 0 8px; padding: 8px; max-block-size: 18em; overflow: auto; background: var(--raised); border-radius: 6px; font: 12px/1.5 ui-monospace, monospace; white-space: pre-wrap; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`;
