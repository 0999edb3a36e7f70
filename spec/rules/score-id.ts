const SINGLE_QUOTES = /[\u2018\u2019]/g;
const DOUBLE_QUOTES = /[\u201c\u201d]/g;
const LONG_DASHES = /[\u2013\u2014]/g;
const CANONICAL = /^score_[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$/;

/**
 * The score id that stands for a title and a composer. (NORM-004; spec: data, "Score ids".)
 *
 * @param composer absent, null or empty: `unknown`
 */
export function scoreIdFrom(title: string, composer?: string | null): string {
  const work = oneSpaced(
    title.toLowerCase().replace(SINGLE_QUOTES, "'").replace(DOUBLE_QUOTES, '"').replace(LONG_DASHES, "-"),
  );
  const author = oneSpaced((composer ?? "").toLowerCase().replace(SINGLE_QUOTES, "'").replaceAll(".", ""));
  const by = author === "" ? "unknown" : author;
  const joint = work.includes("-") || by.includes("-") ? "||" : "-";
  return `${work}${joint}${by}`;
}

/**
 * The normal form of a score id that is present: trimmed; in lower case unless it is canonical or has neither `-` nor `||`.
 * Never split, never derived anew. (NORM-005.)
 */
export function normaliseScoreId(id: string): string {
  const trimmed = id.trim();
  const stays = CANONICAL.test(trimmed) || !(trimmed.includes("-") || trimmed.includes("||"));
  return stays ? trimmed : trimmed.toLowerCase();
}

function oneSpaced(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
