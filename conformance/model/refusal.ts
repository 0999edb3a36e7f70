import type { ItemErrorCode, MessageErrorCode, RequestErrorCode } from "../../schemas/error-codes.ts";
import type { JsonObject } from "../../schemas/json.ts";
import type { ErrorDetail } from "../../schemas/result.ts";

export type { ErrorDetail };

/** What a refusal says beside its code and detail. */
export interface RefusalExtras {
  errors?: ErrorDetail[];
  /** More members of the problem, such as `supported`. */
  members?: JsonObject;
  /** More headers of the answer. Names lower case. */
  headers?: Record<string, string>;
}

/** A request is refused as a whole. Thrown by any step; the engine answers with the problem. */
export class Refusal extends Error {
  readonly code: RequestErrorCode;
  readonly extras: RefusalExtras;

  constructor(code: RequestErrorCode, detail: string, extras: RefusalExtras = {}) {
    super(detail);
    this.code = code;
    this.extras = extras;
  }
}

/** One item of a push or batch is refused, the others are not. Thrown by the steps that judge an item. */
export class ItemRefusal extends Error {
  readonly code: ItemErrorCode;
  readonly errors: ErrorDetail[];
  /** More members of the item's result, such as `serverTime`. */
  readonly members: JsonObject;

  constructor(
    code: ItemErrorCode,
    pointer: string,
    detail: string,
    extras: { errors?: ErrorDetail[]; members?: JsonObject } = {},
  ) {
    super(detail);
    this.code = code;
    this.errors = extras.errors ?? [{ pointer, code, detail }];
    this.members = extras.members ?? {};
  }
}

/** A message on a socket is refused for a reason that only sockets know. Answered ERROR. */
export class MessageRefusal extends Error {
  readonly code: MessageErrorCode;
  /** More members of the ERROR. */
  readonly members: JsonObject = {};

  constructor(code: MessageErrorCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** A frame ends its socket. With a refusal, ERROR goes before the close frame. */
export class CloseSocket extends Error {
  readonly code: number;
  readonly refusal: Refusal | undefined;

  constructor(code: number, reason: string, refusal?: Refusal) {
    super(reason);
    this.code = code;
    this.refusal = refusal;
  }
}

/** The store did not take a transaction: nothing of it is visible. Answered 503 (HTTP-011). */
export class StorageFailure extends Error {}

/** The process ended while the request was under way: there is no answer. */
export class ConnectionLost extends Error {}
