import { Fragments } from "./fragments.ts";

/** Replaces secrets in texts and headers, before anything is kept or printed. */
export interface Redactor {
  /** Makes a token known, in the forms in which servers repeat it, and what is cut from it. */
  conceal(token: string): void;
  /** Makes a secret known that people chose: ordinary words may be in it, so only long parts of it count. */
  concealPhrase(secret: string): void;
  /** Makes an operator's header known: its value and, where the name says that it is a credential, its parts. */
  concealHeader(name: string, value: string): void;
  /** Makes what another redactor conceals known: a server may tell one check what it heard from another. */
  remember(secret: string): void;
  text(text: string): string;
  headers(headers: Readonly<Record<string, string>>): Record<string, string>;
}

/** Cut off after its second part, too. */
const JWT = /\b([A-Za-z0-9_-]{8,})\.(?:<redacted>|[A-Za-z0-9_-]+)(?:\.(?:<redacted>|[A-Za-z0-9_-]*))?/g;
const PARTS_OF_JWT = /^[\w-]{8,}\.([\w-]{8,})\.([\w-]*)$/;
const IN_QUERY = /([?&](?:token|access_token|jwt|auth)=)[^&#\s"]+/gi;
const IN_SUBPROTOCOL = /\b(bearer\.)[^\s,"]+/gi;
const BEARER = /\b(Bearer\s+)(?!<)[A-Za-z0-9._~+/=-]{12,}/gi;
const SECRET_HEADERS = new Set(["authorization", "proxy-authorization", "cookie", "set-cookie"]);
const CREDENTIAL = /auth|cookie|token|key|secret|passw|credential|session|signature/i;
/** A shorter literal would blank out ordinary words; the patterns still apply. */
const SHORTEST_LITERAL = 6;
/** Too much for chance, too little to be of use to anybody. */
const SHORTEST_OF_TOKEN = 12;
const SHORTEST_OF_PHRASE = 24;
const SUBSTITUTE = "<redacted>";

export function createRedactor(parent?: Redactor): Redactor {
  // What is concealed is worked out when a text is told: most checks pass, and nobody asks.
  const waiting: (() => void)[] = [];
  const literals = new Set<string>();
  let anyLiteral: RegExp | undefined;
  const tokens = new Fragments(SHORTEST_OF_TOKEN);
  const phrases = new Fragments(SHORTEST_OF_PHRASE);
  const addLiteral = (literal: string): void => {
    if (literal.length < SHORTEST_LITERAL) return;
    literals.add(literal);
    anyLiteral = undefined;
  };
  const conceal = (secret: string, fragments = tokens): void => {
    if (secret.length < SHORTEST_LITERAL) return;
    // The middle of a JWT names its user, as cursors do in the same letters: no fragment of it is a secret.
    const [, claims, signature] = PARTS_OF_JWT.exec(secret) ?? [];
    for (const form of formsOf(secret)) {
      const whole = claims !== undefined && form === secret;
      if (whole || form.length < fragments.shortest) addLiteral(form);
      else fragments.add(form);
    }
    if (claims !== undefined) addLiteral(claims);
    if (signature !== undefined) tokens.add(signature);
  };

  const text = (input: string): string => {
    for (const work of waiting.splice(0)) work();
    anyLiteral ??= literals.size > 0 ? new RegExp(alternatives(literals), "gi") : undefined;
    const literally = anyLiteral ? input.replace(anyLiteral, SUBSTITUTE) : input;
    const output = phrases.replace(tokens.replace(literally, SUBSTITUTE), SUBSTITUTE);
    if (parent) return parent.text(output);
    return output
      .replace(IN_QUERY, "$1<token>")
      .replace(IN_SUBPROTOCOL, "$1<token>")
      .replace(BEARER, "$1<token>")
      .replace(JWT, (candidate, first: string) => (saysAlgorithm(first) ? "<token>" : candidate));
  };

  return {
    conceal(token) {
      waiting.push(() => conceal(token));
      parent?.remember(token);
    },
    concealPhrase(secret) {
      conceal(secret, phrases);
      parent?.remember(secret);
    },
    concealHeader(name, value) {
      if (CREDENTIAL.test(name)) for (const secret of partsOf(value)) conceal(secret, phrases);
      // Else an ordinary value, such as an address, whose parts occur everywhere.
      else for (const form of formsOf(value)) addLiteral(form);
    },
    remember(secret) {
      waiting.push(() => {
        const [, , signature] = PARTS_OF_JWT.exec(secret) ?? [];
        tokens.add(signature ?? secret);
        for (const form of formsOf(secret)) if (form !== secret) tokens.add(form);
      });
      parent?.remember(secret);
    },
    text,
    headers(headers) {
      return Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, redactedHeader(name, value, text)]),
      );
    },
  };
}

function redactedHeader(name: string, value: string, text: (input: string) => string): string {
  if (!SECRET_HEADERS.has(name.toLowerCase())) return text(value);
  // The scheme or the cookie's name helps to understand a failure; what follows it is the secret.
  const shown = /^(?:[A-Za-z]+(?=\s)|[\w-]+(?==))/.exec(value)?.[0];
  return shown === undefined ? "<redacted>" : `${shown}${value[shown.length]}<redacted>`;
}

/** How a secret stands in a header, a URL, a JSON text within a JSON text, and in base64 within something longer. */
function formsOf(secret: string): Set<string> {
  const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);
  const inQuery = encodeURIComponent(secret);
  const unicode = secret.replace(
    /[^A-Za-z0-9_.-]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const base64 = [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    // Characters at the edges hold bits of what stands beside the secret.
    const whole = (text: string): string =>
      text.replace(/=+$/, "").slice(Math.ceil((before * 4) / 3), Math.floor((bytes.length * 4) / 3));
    return [whole(bytes.toString("base64")), whole(bytes.toString("base64url"))];
  });
  const forms = [
    secret,
    inQuery,
    encodeURIComponent(inQuery),
    inQuery.replaceAll("%20", "+"),
    escaped(secret),
    escaped(escaped(secret)),
    secret.replaceAll("/", "\\/"),
    unicode,
    ...base64,
  ];
  return new Set(forms.filter((form) => form.length >= SHORTEST_LITERAL));
}

/** What is secret in `Bearer …`, `Basic …`, `a=…; b=…`: the whole, each value, and a password in base64. */
function partsOf(value: string): string[] {
  const words = value.split(/[\s;,]+/).flatMap((word) => [word, word.slice(word.indexOf("=") + 1)]);
  const basic = /^Basic\s+(\S+)$/i.exec(value)?.[1];
  const password = basic === undefined ? "" : Buffer.from(basic, "base64").toString("utf8");
  return [value, ...words, password, password.slice(password.indexOf(":") + 1)].filter(
    (part) => !/^(?:bearer|basic|digest|negotiate)$/i.test(part),
  );
}

/** The longest first, so that none hides a longer one. */
function alternatives(literals: ReadonlySet<string>): string {
  return [...literals]
    .toSorted((a, b) => b.length - a.length)
    .map((literal) => literal.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"))
    .join("|");
}

/** Dotted words occur in host names and cursors too: only a header that decodes to one of a JWT makes it a token. */
function saysAlgorithm(header: string): boolean {
  try {
    const decoded: unknown = JSON.parse(Buffer.from(header, "base64url").toString("utf8"));
    return typeof decoded === "object" && decoded !== null && ("alg" in decoded || "typ" in decoded);
  } catch {
    return false;
  }
}

/** The error itself, its words without secrets. */
export function redactError(error: unknown, redactor: Redactor): unknown {
  if (!(error instanceof Error)) return typeof error === "string" ? redactor.text(error) : error;
  error.message = redactor.text(error.message);
  if (error.stack !== undefined) error.stack = redactor.text(error.stack);
  return error;
}
