import { isJsonObject, type JsonObject } from "../../schemas/json.ts";
import { closed, SyncError } from "../errors.ts";

/** Gives an access token of the client's user, or null while there is none. Asked again when the one it gave is good no more. */
export type TokenProvider = () => string | null | undefined | Promise<string | null | undefined>;

/** The tokens of one user: asks the app for one, and never uses one again that was refused (CLI-035). */
export interface Tokens {
  /**
   * A token that was not refused. Rejects with `NO_TOKEN` while the app has none, and with `WRONG_USER` if it is another user's (CLI-049).
   *
   * @param fresh whether to ask the app even if the last one is still good
   */
  get(fresh?: boolean): Promise<string>;
  /** The server says that this token is good no more. */
  refused(token: string): void;
  /** Waits for the app no longer, which may never answer. */
  close(): void;
}

export function createTokens(user: string, provider: TokenProvider): Tokens {
  let good: string | undefined;
  let bad: string | undefined;
  let asking: Promise<string> | undefined;
  let giveUp = (): void => {};
  let ended = false;

  const ask = async (): Promise<string> => {
    const fail = (why: string, cause?: unknown): never => {
      throw new SyncError("NO_TOKEN", `The option token ${why}; resume() asks again.`, { cause });
    };
    const token = await new Promise<string | null | undefined>((give, refuse) => {
      giveUp = () => refuse(closed());
      Promise.resolve().then(provider).then(give, refuse);
    }).catch((cause: unknown) => fail("failed", cause));
    if (typeof token !== "string" || token === "") return fail("gave none");
    if (token === bad) return fail("gave one that was refused");
    const subject = claimsOf(token)?.["sub"];
    if (typeof subject === "string" && subject !== user)
      throw new SyncError("WRONG_USER", "The option token gave another user's: open a client for that one.");
    return (good = token);
  };

  return {
    async get(fresh = false) {
      if (ended) throw closed();
      if (good !== undefined && !fresh) return good;
      // One question at a time, whoever asks: it may be a dialogue.
      return (asking ??= ask().finally(() => (asking = undefined)));
    },
    refused(token) {
      bad = token;
      if (good === token) good = undefined;
    },
    close() {
      ended = true;
      giveUp();
    },
  };
}

/** What a JWT says of itself; undefined where the token is something else. Not verified: that is the server's to do. */
export function claimsOf(token: string): JsonObject | undefined {
  try {
    const payload = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isJsonObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}
