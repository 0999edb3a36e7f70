import { html } from "../../conformance/reporters/html/markup.ts";
import type { Markup } from "../../conformance/reporters/html/markup.ts";
import { ADAPTER_VERBS, REQUIRED_VERBS } from "../../schemas/adapter-verbs.ts";
import type { AdapterVerb } from "../../schemas/adapter-verbs.ts";
import { ADAPTER_MESSAGES } from "../../schemas/adapter.ts";
import type { Page } from "./pages.ts";
import { memberTable, shapeAddress } from "./shape.ts";
import type { Schema } from "./shape.ts";
import { table } from "./table.ts";

/** The verbs that an adapter is asked for, for who writes one in whatever language. */
export function adapter(): Page {
  const needed: readonly AdapterVerb[] = REQUIRED_VERBS;
  const params = (verb: AdapterVerb): Schema => ADAPTER_MESSAGES[verb].params;
  const result = (verb: AdapterVerb): Schema => ADAPTER_MESSAGES[verb].result;
  const tells = (verb: AdapterVerb): boolean => namesOf(result(verb)).length > 0;
  // A member of one name means the same with every verb; where it is first told says most of it.
  const asked = Object.assign({}, ...ADAPTER_VERBS.toReversed().map((verb) => params(verb).properties));
  return {
    path: "reference/adapter.html",
    content: String(
      html`<h1>Adapter</h1>
        <p class="lead">
          What <code>test client</code> asks of the program around your client, a line of JSON each. How to
          write one stands in <a href="/guides/write-an-adapter.html">its guide</a>.
        </p>
        <p>
          Shapes of the lines:
          ${["adapter_request", "adapter_answer", "adapter_event"].map(
            (name, index) =>
              html`${index > 0 ? ", " : ""}<a href="${shapeAddress(name)}"><code>${name}</code></a>`,
          )}.
        </p>
        <h2 id="verbs">Verbs</h2>
        ${table(
          "Verbs",
          ["verb", "params", "result"],
          ADAPTER_VERBS.map((verb) => [
            html`<code>${verb}</code
              >${needed.includes(verb) ? html` <span class="required">required</span>` : undefined}`,
            listed(params(verb)),
            listed(result(verb)),
          ]),
        )}
        <h2 id="params">Params</h2>
        ${memberTable("params", { properties: asked as Record<string, Schema> })}
        <h2 id="results">Results</h2>
        <p>The result of every other verb is <code>{}</code>.</p>
        ${ADAPTER_VERBS.filter(tells).map(
          (verb) =>
            html`<h3 id="result-${verb}"><code>${verb}</code></h3>
              ${memberTable(`the result of ${verb}`, result(verb))}`,
        )}`,
    ),
    data: { title: "Adapter", source: { file: "schemas/adapter.ts" } },
  };
}

function namesOf({ properties = {} }: Schema): string[] {
  return Object.keys(properties);
}

function listed(schema: Schema): Markup {
  return html`${namesOf(schema).map((name, index) => html`${index > 0 ? ", " : ""}<code>${name}</code>`)}`;
}
