import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { html } from "../../conformance/reporters/html/markup.ts";
import type { Markup } from "../../conformance/reporters/html/markup.ts";
import { jsonBlock } from "../markdown/code.ts";
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

/**
 * A shape's members and its examples; each example is held against the contract while the site is built.
 *
 * @param told members that are told elsewhere
 */
export async function shape(name: string, told: readonly string[] = []): Promise<Markup> {
  const schema = without(schemaOf(name), told);
  const examples = await Promise.all((schema.examples ?? []).map((value) => example(name, value)));
  return html`${schema.description === undefined ? undefined : html`<p>${inline(schema.description)}</p>`}
    ${members(schema).length > 0 ? memberTable(name, schema) : told.length > 0 ? undefined : html`<p>${typeOf(schema)}${bounds(schema)}</p>`}
    ${examples}
    <p class="place">
      JSON Schema: <a href="${sourceAddress(`${FOLDER}/${name}.json`)}"><code>${name}.json</code></a>
    </p>`;
}

function without(schema: Schema, told: readonly string[]): Schema {
  if (schema.properties === undefined) return schema;
  const left = Object.entries(schema.properties).filter(([name]) => !told.includes(name));
  return { ...schema, properties: Object.fromEntries(left) };
}

export async function example(name: string, value: unknown): Promise<Markup> {
  checkedExample(name, value, `the examples of ${name}`);
  return jsonBlock(value);
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

/** What an object may hold, a row for each member. */
export function memberTable(name: string, schema: Schema): Markup {
  return table(
    `Members of ${name}`,
    ["member", "value", "meaning"],
    members(schema).map(({ path, schema: member, required }) => [
      html`<code>${path}</code>${required ? html` <span class="required">required</span>` : undefined}`,
      html`${typeOf(member)}${bounds(member)}`,
      inline(member.description ?? ""),
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
