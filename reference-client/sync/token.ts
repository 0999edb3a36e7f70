import { isJsonObject } from "../../schemas/json.ts";
import { SyncError } from "../errors.ts";

/** Gives an access token of the client's user, or null while there is none. Asked again when the one it gave is good no more. */
export type TokenProvider = () => string | null | undefined | Promise<string | null | undefined>;

/** The tokens of one user: asks the app for one, and never uses one again that was refused (CLI-035). */
export class Tokens {
  readonly #user: string;
  readonly #provider: TokenProvider;
  #token: string | undefined;
  #refused: string | undefined;

  constructor(user: string, provider: TokenProvider) {
    this.#user = user;
    this.#provider = provider;
  }

  /**
   * A token that was not refused. Rejects with `NO_TOKEN` while the app has none, and with `WRONG_USER` if it is another user's (CLI-049).
   *
   * @param fresh whether to ask the app even if the last one is still good
   */
  async get(fresh = false): Promise<string> {
    if (this.#token !== undefined && !fresh) return this.#token;
    const token = await this.#ask();
    if (typeof token !== "string" || token === "")
      throw new SyncError("NO_TOKEN", "The option token gave none; resume() asks again.");
    if (token === this.#refused)
      throw new SyncError("NO_TOKEN", "The option token gave one that was refused; resume() asks again.");
    const subject = claimsOf(token)?.sub;
    if (subject !== undefined && subject !== this.#user)
      throw new SyncError("WRONG_USER", "The option token gave another user's: open a client for that one.");
    this.#token = token;
    return token;
  }

  /** The server says that this token is good no more. */
  refused(token: string): void {
    this.#refused = token;
    if (this.#token === token) this.#token = undefined;
  }

  async #ask(): Promise<string | null | undefined> {
    try {
      return await this.#provider();
    } catch (cause) {
      throw new SyncError("NO_TOKEN", "The option token failed; resume() asks again.", { cause });
    }
  }
}

/** What a JWT says of itself; undefined where the token is something else. Not verified: that is the server's to do. */
export function claimsOf(token: string): { sub?: string; /** Unix seconds. */ exp?: number } | undefined {
  try {
    const payload = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (!isJsonObject(claims)) return undefined;
    const { sub, exp } = claims;
    return { ...(typeof sub === "string" && { sub }), ...(typeof exp === "number" && { exp }) };
  } catch {
    return undefined;
  }
}
