import type { AdapterVerb, Answer, Capabilities, Params } from "../../../schemas/adapter.ts";

/** Where clients under test live: a process, a page, or the model in this process. All of them end together. */
export interface AdapterHost {
  /**
   * Asks for one verb. @throws AdapterRefusal where the adapter answers with an error
   * @throws CouldNotRun where there is no valid answer in time, or the host has ended
   */
  ask<V extends AdapterVerb>(verb: V, params: Params<V>): Promise<Answer<V>>;
  /** SIGKILL, or what comes near it: nothing in it runs on, what it has stored stays. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it in good order, or else by force. Idempotent. */
  end(): Promise<void>;
}

/** A client under test, with everything that its adapter declared. */
export interface ClientSubject {
  /** The command, the page, or what stands in for it. */
  description: string;
  capabilities: Capabilities;
  launch(): Promise<AdapterHost>;
  /** A path that nothing is stored at yet; see `storage` of verb `open`. */
  newStorage(): string;
  /** How the simulator is reached by it. */
  network: "in-process" | "loopback";
  /** How long an answer of the adapter is waited for. */
  answerTimeoutMs: number;
}

/** The adapter answered a verb with an error of its own: what its client's call was rejected with. */
export class AdapterRefusal extends Error {
  override name = "AdapterRefusal";
  readonly code: string;
  constructor(verb: AdapterVerb, { code, message }: { code: string; message: string }) {
    super(`the adapter answered ${verb} with ${code}: ${message}`);
    this.code = code;
  }
}
