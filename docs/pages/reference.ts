import { readFileSync } from "node:fs";
import { join } from "node:path";
import { html } from "../../conformance/reporters/html/markup.ts";
import type { Markup } from "../../conformance/reporters/html/markup.ts";
import { inline } from "../markdown/inline.ts";
import { ROOT } from "../root.ts";
import type { Page } from "./pages.ts";
import { example, memberTable, schemaOf, shape, shapeAddress, shapeNames } from "./shape.ts";
import type { Schema } from "./shape.ts";
import { table } from "./table.ts";

interface Body {
  schema: Schema;
  examples?: Record<string, { value: unknown }>;
}

interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  security?: unknown[];
  parameters?: Schema[];
  requestBody?: { required: boolean; content: Record<string, Body> };
  responses: Record<
    string,
    { description: string; content?: Record<string, Body>; headers?: Record<string, unknown> }
  >;
}

interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { parameters: Record<string, { name: string; description?: string; required?: boolean }> };
}

/** The calls, the messages and all shapes, as the contracts have them. */
export async function reference(): Promise<Page[]> {
  return [await endpoints(), await messages(), await shapes()];
}

async function endpoints(): Promise<Page> {
  const openApi = JSON.parse(readFileSync(join(ROOT, "schemas/generated/openapi.json"), "utf8")) as OpenApi;
  const calls = await Promise.all(
    Object.entries(openApi.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) =>
        call(openApi, path, method.toUpperCase(), operation),
      ),
    ),
  );
  return page(
    "reference/endpoints.html",
    "Endpoints",
    html`<h1>Endpoints</h1>
      <p class="lead">
        The calls of HTTP, which decides. What they mean stands in the specification; here are their shapes.
      </p>
      ${calls}`,
    "schemas/generated/openapi.json",
  );
}

async function call(openApi: OpenApi, path: string, method: string, operation: Operation): Promise<Markup> {
  const { operationId, summary, description, security, parameters = [], requestBody, responses } = operation;
  const bodies = Object.values(requestBody?.content ?? {});
  const good = Object.values(responses["200"]?.content ?? {});
  const headers = parameters.map(({ $ref }) => openApi.components.parameters[$ref!.split("/").at(-1)!]!);
  return html`<h2 id="${operationId}">${summary}</h2>
    <p class="call">
      <span class="badge">${method}</span>
      <code>${path}</code
      >${security?.length === 0 ? html` <span class="who">no token needed</span>` : undefined}
    </p>
    ${description === undefined ? undefined : html`<p>${inline(description)}</p>`}
    ${
      headers.length === 0
        ? undefined
        : table(
            "Headers",
            ["header", "meaning"],
            headers.map(({ name, description: text }) => [html`<code>${name}</code>`, inline(text ?? "")]),
          )
    }
    ${bodies.length === 0 ? undefined : html`<h3 id="${operationId}-request">Request</h3>`}
    ${await Promise.all(bodies.map(body))}
    <h3 id="${operationId}-answer">Answer</h3>
    ${await Promise.all(good.map(body))}
    ${table(
      "Statuses",
      ["status", "meaning"],
      Object.entries(responses).map(([status, { description: text }]) => [
        html`<code>${status}</code>`,
        inline(text),
      ]),
    )}`;
}

async function body({ schema, examples = {} }: Body): Promise<Markup> {
  const name = schema.$ref!.split("/").at(-1)!;
  return html`<p>
      Shape: <a href="${shapeAddress(name)}"><code>${name}</code></a
      >. ${inline(schemaOf(name).description ?? "")}
    </p>
    ${await Promise.all(Object.values(examples).map(({ value }) => example(name, value)))}`;
}

async function messages(): Promise<Page> {
  const names = shapeNames().filter((name) => name.startsWith("ws_"));
  return page(
    "reference/messages.html",
    "Messages",
    html`<h1>Messages of the WebSocket</h1>
      <p class="lead">
        What travels on <code>/sync/ws</code>, profile <code>realtime</code>. Which follows which stands in
        <a href="/spec/realtime.html">the specification</a>.
      </p>
      <h2 id="from-the-client">From the client</h2>
      ${await messagesOf(names.filter((name) => !name.startsWith("ws_server_")))}
      <h2 id="from-the-server">From the server</h2>
      ${await messagesOf(names.filter((name) => name.startsWith("ws_server_")))}`,
    "schemas/generated/asyncapi.json",
  );
}

/** A list, what all of them may have, and each with what it has besides. */
async function messagesOf(names: readonly string[]): Promise<Markup> {
  const schemas = names.map(schemaOf);
  const shared = Object.entries(schemas[0]!.properties!).filter(([member, schema]) =>
    schemas.every(({ properties }) => JSON.stringify(properties![member]) === JSON.stringify(schema)),
  );
  const told = ["type", ...shared.map(([member]) => member)];
  return html`${table(
      "Messages",
      ["message", "says"],
      names.map((name) => [
        html`<a href="#${name}">${messageTitle(name)}</a>`,
        inline(schemaOf(name).description ?? ""),
      ]),
    )}
    <p>Each has its <code>type</code>, and may have:</p>
    ${memberTable("every message", { properties: Object.fromEntries(shared) })}
    ${await Promise.all(
      names.map(
        async (name) =>
          html`<h3 id="${name}">${messageTitle(name)}</h3>
            ${await shape(name, told)}`,
      ),
    )}`;
}

/** A message's type; `SYNC_RESPONSE` has two meanings. */
function messageTitle(name: string): Markup {
  const type = String(schemaOf(name).properties?.["type"]?.const ?? name);
  const meaning = /catch_up_end/.test(name)
    ? ", end of a catch-up"
    : /acknowledgement/.test(name)
      ? ", acknowledgement"
      : "";
  return html`<code>${type}</code>${meaning}`;
}

async function shapes(): Promise<Page> {
  const names = shapeNames().filter((name) => !name.startsWith("ws_"));
  const parts = await Promise.all(
    names.map(
      async (name) =>
        html`<h2 id="${name}"><code>${name}</code></h2>
          ${await shape(name)}`,
    ),
  );
  return page(
    "reference/shapes.html",
    "Shapes",
    html`<h1>Shapes</h1>
      <p class="lead">
        Every published type: entities, bodies, headers, and the files of the conformance suite. Objects are
        open: members that a peer does not know travel on unchanged.
      </p>
      ${parts}`,
    "schemas/registry.ts",
  );
}

function page(path: string, title: string, content: Markup, source: string): Page {
  return { path, content: String(content), data: { title, source: { file: source } } };
}
