/** Replaces secrets in texts and headers, before anything is kept or printed. */
export interface Redactor {
  /** Makes a literal secret (a token, the signing secret, an operator's header value) known. */
  conceal(secret: string): void;
  text(text: string): string;
  headers(headers: Readonly<Record<string, string>>): Record<string, string>;
}

const JWT = /\b[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g;
const IN_QUERY = /([?&](?:token|access_token|jwt|auth)=)[^&#\s"]+/gi;
const IN_SUBPROTOCOL = /\b(bearer\.)[^\s,"]+/gi;
const BEARER = /\b(Bearer\s+)(?!<)[A-Za-z0-9._~+/=-]{12,}/g;
const SECRET_HEADERS = new Set(["authorization", "proxy-authorization", "cookie", "set-cookie"]);
/** A shorter literal would blank out ordinary words; the patterns still apply. */
const SHORTEST_LITERAL = 6;

export function createRedactor(parent?: Redactor): Redactor {
  const literals = new Set<string>();

  const text = (input: string): string => {
    let output = parent ? parent.text(input) : input;
    for (const literal of literals) output = output.replaceAll(literal, "<redacted>");
    return output
      .replace(IN_QUERY, "$1<token>")
      .replace(IN_SUBPROTOCOL, "$1<token>")
      .replace(BEARER, "$1<token>")
      .replace(JWT, (candidate) => (looksLikeJwt(candidate) ? "<token>" : candidate));
  };

  return {
    conceal(secret) {
      if (secret.length < SHORTEST_LITERAL) return;
      literals.add(secret);
      literals.add(encodeURIComponent(secret));
      literals.add(JSON.stringify(secret).slice(1, -1));
      literals.add(Buffer.from(secret).toString("base64url"));
    },
    text,
    headers(headers) {
      return Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, header(name, value, text)]),
      );
    },
  };
}

function header(name: string, value: string, text: (input: string) => string): string {
  if (!SECRET_HEADERS.has(name.toLowerCase())) return text(value);
  // The scheme or the cookie's name helps to understand a failure; what follows it is the secret.
  const shown = /^(?:[A-Za-z]+(?=\s)|[\w-]+(?==))/.exec(value)?.[0];
  return shown === undefined ? "<redacted>" : `${shown}${value[shown.length]}<redacted>`;
}

/** Three dotted parts occur in host names too: only a header that decodes to a JSON object makes it a token. */
function looksLikeJwt(candidate: string): boolean {
  try {
    const first: unknown = JSON.parse(Buffer.from(candidate.split(".")[0]!, "base64url").toString("utf8"));
    return typeof first === "object" && first !== null;
  } catch {
    return false;
  }
}
