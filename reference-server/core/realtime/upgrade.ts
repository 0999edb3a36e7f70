import { invalid, verifyToken, type AuthSettings } from "../auth.ts";
import { Problem } from "../problem.ts";
import type { Grant } from "./ports.ts";

const SUBPROTOCOL = "mirubato.v1";
const BEARER = "bearer.";

/** A request for a socket that may be granted. */
export interface Upgrade extends Grant {
  /** The subprotocol that is selected; null: the client offered none of ours. */
  protocol: string | null;
}

/** Judges a request for a socket before the upgrade (AUTH-016, AUTH-017). Throws a {@link Problem}. */
export async function judgeUpgrade(
  url: URL,
  headers: Headers,
  settings: Omit<AuthSettings, "origins">,
): Promise<Upgrade> {
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") {
    throw new Problem("UPGRADE_REQUIRED", "This is the address of a WebSocket; ask for an upgrade.", {
      headers: { upgrade: "websocket", connection: "Upgrade" },
    });
  }
  const offered = (headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  const bearer = offered.find((name) => name.startsWith(BEARER))?.slice(BEARER.length);
  const token = bearer ?? url.searchParams.get("token") ?? "";
  const userId = url.searchParams.get("userId") ?? "";
  if (userId === "") throw missing("userId", "Name the user in the query: ?userId=….");
  if (token === "") throw missing("token", "Send the token as ?token=… or as the subprotocol bearer.<jwt>.");
  if (/\s/.test(token)) throw invalid("it is malformed");

  const grant = await verifyToken(token, settings);
  if (grant.user !== userId) throw new Problem("FORBIDDEN", "userId is not the user of the token.");
  return { ...grant, protocol: offered.includes(SUBPROTOCOL) ? SUBPROTOCOL : null };
}

function missing(name: string, detail: string): Problem {
  return new Problem("INVALID_REQUEST", `${name} is missing. ${detail}`);
}
