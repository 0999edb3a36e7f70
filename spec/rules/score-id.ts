const CURLY_SINGLE = /[\u2018\u2019]/g;
const CURLY_DOUBLE = /[\u201c\u201d]/g;
const LONG_DASH = /[\u2013\u2014]/g;
const CANONICAL = /^score_[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$/;

/**
 * The score id that a title and a composer make, for an item that has none.
 *
 * An absent, null or empty composer, empty also after its full stops and white space are gone, is `unknown`. Lower case is Unicode's
 * default mapping without locale, white space is ECMAScript's `\s`, and no Unicode normalisation is applied.
 *
 * Source: spec/data.md, "Score ids" (NORM-004).
 */
export function scoreIdFrom(title: string, composer?: string | null): string {
  const name = collapse(
    title.toLowerCase().replace(CURLY_SINGLE, "'").replace(CURLY_DOUBLE, '"').replace(LONG_DASH, "-"),
  );
  const author =
    collapse((composer ?? "").toLowerCase().replace(CURLY_SINGLE, "'").replaceAll(".", "")) || "unknown";
  return name + (name.includes("-") || author.includes("-") ? "||" : "-") + author;
}

/**
 * A present score id as it is stored and compared: trimmed; then unchanged if it is canonical (`score_` and groups of ASCII letters
 * and digits with a single `-` or `_` between them) or has neither `-` nor `||`; else in lower case. Never split, never derived anew.
 *
 * Source: spec/data.md, NORM-005.
 */
export function normaliseScoreId(id: string): string {
  const trimmed = id.trim();
  if (CANONICAL.test(trimmed)) return trimmed;
  return trimmed.includes("-") || trimmed.includes("||") ? trimmed.toLowerCase() : trimmed;
}

function collapse(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
