import {
  problemType,
  requestError,
  type ErrorCode,
  type RequestErrorCode,
} from "../../schemas/error-codes.ts";

/** One finding inside a request or item; `pointer` is a JSON Pointer into the request's body. */
export interface Finding {
  pointer: string;
  code: ErrorCode;
  detail: string;
}

export interface ProblemExtras {
  errors?: Finding[];
  headers?: Record<string, string>;
  /** The versions that the server speaks (DISC-004). */
  supported?: readonly string[];
}

/** A refusal of a whole request. Thrown anywhere, answered in one place. */
export class Problem extends Error {
  override name = "Problem";
  readonly code: RequestErrorCode;
  readonly status: number;
  readonly extras: ProblemExtras;

  /** `detail` says what was found and how to mend it; never a token or a stack. */
  constructor(code: RequestErrorCode, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.code = code;
    this.status = requestError(code).status;
    this.extras = extras;
  }

  /** The problem document of HTTP-001, as text. */
  body(): string {
    const { title } = requestError(this.code);
    return JSON.stringify({
      type: problemType(this.code),
      title,
      status: this.status,
      detail: this.message,
      code: this.code,
      error: title,
      ...(this.extras.errors && { errors: this.extras.errors }),
      ...(this.extras.supported && { supported: this.extras.supported }),
    });
  }
}
