import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { html } from "../../conformance/reporters/html/markup.ts";
import type { Markup } from "../../conformance/reporters/html/markup.ts";
import { codeBlock } from "../markdown/code.ts";
import { inline } from "../markdown/inline.ts";
import { checkedExample } from "../markdown/example.ts";
import { sourceAddress } from "../addresses.ts";
import { ROOT } from "../root.ts";
import { table } from "./table.ts";

const FOLDER = "schemas/generated/json-schema";

/** As much of JSON Schema as the contracts use to describe members. */
export interface Schema {
  title?: string;
  description?: string;
  type?: string | string[];
  $ref?: string;
  const?: unknown;
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
}

/** The names of all published shapes. */
export function shapeNames(): string[] {
  return readdirSync(join(ROOT, FOLDER)).map((file) => file.replace(/\.json$/, ""));
}

export function schemaOf(name: string): Schema {
  return JSON.parse(readFileSync(join(ROOT, FOLDER, `${name}.json`), "utf8")) as Schema;
}

/** Where a shape is described. */
export function shapeAddress(name: string): string {
  return `/reference/${name.startsWith("ws_") ? "messages" : "shapes"}.html#${name}`;
}

/** A shape's members and its examples; each example is held against the contract while the site is built. */
export async function shape(name: string): Promise<Markup> {
  const schema = schemaOf(name);
  const rows = members(schema);
  const examples = await Promise.all((schema.examples ?? []).map((value) => example(name, value)));
  return html`${schema.description === undefined ? undefined : html`<p>${inline(schema.description)}</p>`}
    ${rows.length === 0 ? html`<p>${typeOf(schema)}${bounds(schema)}</p>` : memberTable(name, rows)}
    ${examples}
    <p class="place">
      JSON Schema: <a href="${sourceAddress(`${FOLDER}/${name}.json`)}"><code>${name}.json</code></a>
    </p>`;
}

export async function example(name: string, value: unknown): Promise<Markup> {
  checkedExample(name, value, `the examples of ${name}`);
  return codeBlock(JSON.stringify(value, null, 2), "json");
}

interface Member {
  path: string;
  schema: Schema;
  required: boolean;
}

/** Members of members stand below them: `meta.version`. */
function members(schema: Schema, above = ""): Member[] {
  const inner = schema.properties ? schema : schema.items?.properties ? schema.items : undefined;
  if (!inner?.properties) return [];
  const prefix = above === "" ? "" : `${above}${schema.properties ? "" : "[]"}.`;
  return Object.entries(inner.properties).flatMap(([name, member]) => {
    const path = `${prefix}${name}`;
    const required = inner.required?.includes(name) ?? false;
    return [{ path, schema: member, required }, ...members(member, path)];
  });
}

function memberTable(name: string, rows: readonly Member[]): Markup {
  return table(
    `Members of ${name}`,
    ["member", "value", "meaning"],
    rows.map(({ path, schema, required }) => [
      html`<code>${path}</code>${required ? html` <span class="required">required</span>` : undefined}`,
      html`${typeOf(schema)}${bounds(schema)}`,
      inline(schema.description ?? ""),
    ]),
  );
}

function typeOf(schema: Schema): Markup {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split("/").at(-1)!;
    return html`<a href="${shapeAddress(name)}"><code>${name}</code></a>`;
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined) {
    return html`${schema.enum.map((value, index) => html`${index > 0 ? ", " : ""}<code>${JSON.stringify(value)}</code>`)}`;
  }
  const types = [schema.type ?? "any"].flat().map((type) => (type === "array" ? "list" : type));
  const of =
    schema.items !== undefined && [schema.type].flat().includes("array")
      ? html` of ${typeOf(schema.items)}`
      : "";
  return html`${types.join(" or ")}${of}`;
}

function bounds({ minimum, maximum, minLength, maxLength, maxItems, enum: values }: Schema): string {
  if (values !== undefined) return "";
  const said = [
    minimum === undefined ? undefined : `≥ ${minimum.toLocaleString("en")}`,
    maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
      ? undefined
      : `≤ ${maximum.toLocaleString("en")}`,
    maxLength !== undefined
      ? `${minLength ?? 0}–${maxLength} characters`
      : minLength === 1
        ? "not empty"
        : undefined,
    maxItems === undefined ? undefined : `at most ${maxItems}`,
  ].filter((one) => one !== undefined);
  return said.length === 0 ? "" : `, ${said.join(", ")}`;
}
