import type { ControlVerb } from "../check.ts";
import type { Dial } from "../drivers/socket.ts";
import type { Transport } from "../drivers/transport.ts";
import type { Redactor } from "../wire/redaction.ts";
import type { DiscoveryBody } from "../wire/shapes.ts";
import type { TokenSource } from "../wire/tokens.ts";

/** What the operator's control command lets the suite do. */
export interface ControlPort {
  verbs: readonly ControlVerb[];
  /** @throws CouldNotRun when the verb fails or gets no answer. */
  invoke(verb: ControlVerb, params?: Record<string, unknown>): Promise<void>;
}

/** The server under test, with everything its operator declared. */
export interface Subject {
  /** The base URL, or what stands in for it. */
  description: string;
  transport: Transport;
  /** Absent: WebSockets cannot be opened to it. */
  dial?: Dial;
  /** The WebSocket endpoint by the operator's word; it wins over discovery. */
  wsUrl?: string;
  /** Absent: no credentials were given, the doorstep says so. */
  tokens?: TokenSource;
  origin?: string;
  control?: ControlPort;
  /** From discovery; without it, from what the operator declared. */
  discovery: DiscoveryBody;
  /** How far the server's clock is ahead of ours. */
  clockOffsetMs: number;
  redactor: Redactor;
  requestTimeoutMs: number;
  /** How long a message on a socket is waited for; default as for a request. */
  messageTimeoutMs?: number;
  /** The suite started it, and ends it: nobody else is left with what a run that was ended could not delete. */
  startedHere?: boolean;
  /** The data vanishes with the subject: nothing needs to be deleted at the end. */
  disposable?: boolean;
}

/** Where the WebSocket is: a whole address, or a path of the base address. */
export function socketEndpoint({ wsUrl, discovery }: Subject): string {
  const advertised: unknown = discovery.endpoints.ws;
  return wsUrl ?? (typeof advertised === "string" ? advertised : "/sync/ws");
}

/** What is assumed of a server without discovery, where its operator declares nothing else. */
export function declaredDiscovery(
  declared: Partial<Pick<DiscoveryBody, "profiles" | "limits">> = {},
): DiscoveryBody {
  return {
    protocol: "mirubato-sync",
    versions: ["1"],
    profiles: declared.profiles ?? ["http"],
    endpoints: {},
    limits: declared.limits ?? {},
  };
}
