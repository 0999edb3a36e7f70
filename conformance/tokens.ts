/** What a token says, when it is not the ordinary one of a user. */
export interface TokenRequest {
  /** Claims added to, or replacing, `sub`, `iat` and `exp`; one that is undefined is left out. */
  claims?: Record<string, unknown>;
  /** Header members, replacing those of `{"alg":"HS256","typ":"JWT"}`. */
  header?: Record<string, unknown>;
}

/** Mints tokens for `user` (by default the check's own), good ones and bad ones. Times are by the server's clock. */
export interface Tokens {
  /** Accepted by the server. */
  valid(user?: string): Promise<string>;
  /** Any claims and header, signed as the header says (HS256, HS384, HS512, none). Needs "forge-token", as all below. */
  forge(request: TokenRequest, user?: string): Promise<string>;
  /** Expired `ms` ago; by default well beyond any leeway (2 minutes). */
  expired(ms?: number): Promise<string>;
  /** `nbf` is `ms` ahead; by default well beyond any leeway (2 minutes). */
  notYetValid(ms?: number): Promise<string>;
  /** Signed with the right secret by another algorithm. */
  algorithm(alg: "HS384" | "HS512"): Promise<string>;
  /** `"alg": "none"` and no signature. */
  unsigned(): Promise<string>;
  /** Well formed, signed with another secret. */
  wrongSecret(): Promise<string>;
  /** The payload was changed after signing: another user's `sub` under the old signature. */
  tampered(sub: string): Promise<string>;
  /** Without one of its claims. */
  without(claim: "sub" | "exp"): Promise<string>;
}
