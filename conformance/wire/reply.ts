import type { HttpRequest, HttpResponse } from "../drivers/transport.ts";
import { CheckFailure } from "../verdict.ts";
import type { Problem } from "./shapes.ts";

/** One answer, as it came: status, headers (names lower case) and body. */
export class Reply<Body = unknown> {
  readonly request: HttpRequest;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  #json: { value: unknown } | undefined;

  constructor(request: HttpRequest, response: HttpResponse) {
    this.request = request;
    this.status = response.status;
    this.headers = response.headers;
    this.bytes = response.body;
  }

  get text(): string {
    return new TextDecoder().decode(this.bytes);
  }

  /** The parsed body whatever the status. Not JSON → the check fails. */
  get json(): unknown {
    if (this.#json) return this.#json.value;
    try {
      this.#json = { value: JSON.parse(this.text) };
      return this.#json.value;
    } catch {
      throw new CheckFailure(`${this.label} was not answered with JSON`, {
        expected: "a JSON body",
        actual: `${this.status} ${this.headers["content-type"] ?? "without Content-Type"}: ${excerpt(this.text)}`,
      });
    }
  }

  /** The body of a success (2xx). Any other status → the check fails, saying what came back. */
  get body(): Body {
    if (this.status < 200 || this.status > 299) {
      throw new CheckFailure(`${this.label} was refused`, { expected: "a 2xx status", actual: this.summary });
    }
    return this.json as Body;
  }

  /** The problem details of a refusal (4xx, 5xx). A success → the check fails. */
  get problem(): Problem {
    if (this.status < 400) {
      throw new CheckFailure(`${this.label} was not refused`, {
        expected: "a problem",
        actual: this.summary,
      });
    }
    return this.json as Problem;
  }

  /** "POST /api/sync/push", for messages. */
  get label(): string {
    return `${this.request.method} ${this.request.path}`;
  }

  /** "401 TOKEN_EXPIRED", or the status and the beginning of whatever came. */
  get summary(): string {
    if (this.bytes.length === 0) return `${this.status} with an empty body`;
    try {
      const { code, detail } = JSON.parse(this.text) as { code?: unknown; detail?: unknown };
      if (typeof code === "string")
        return `${this.status} ${code}${typeof detail === "string" ? ` (${detail})` : ""}`;
    } catch {
      // Not JSON: show what came instead.
    }
    return `${this.status}: ${excerpt(this.text)}`;
  }
}

export function excerpt(text: string, length = 160): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
