import type { AdapterEvent } from "../../../schemas/adapter-messages.ts";
import { CouldNotRun } from "../../verdict.ts";
import type { AdapterVerb } from "../../../schemas/adapter-verbs.ts";
import type { Answer, Capabilities, Params } from "../../../schemas/adapter.ts";

/** Where clients under test live: a process, a page, or the model in this process. All of them end together. */
export interface AdapterHost {
  /**
   * Asks for one verb. @throws AdapterRefusal where the adapter answers with an error
   * @throws CouldNotRun where there is no valid answer in time, or the host has ended
   * @throws NotApplicable where the adapter does not do this verb
   */
  ask<V extends AdapterVerb>(verb: V, params: Params<V>): Promise<Answer<V>>;
  /** SIGKILL, or what comes near it: nothing in it runs on, what it has stored stays. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Ends it in good order, or else by force. Idempotent. */
  end(): Promise<void>;
  /** What it told without being asked, the last of it; for reports. */
  events?(): readonly AdapterEvent[];
  /** The last lines of its stderr, without secrets, some of them perhaps of other checks; for reports. */
  lastLines?(): readonly string[];
}

/** A client under test, with everything that its adapter declared. */
export interface ClientSubject {
  /** The command, the page, or what stands in for it. */
  description: string;
  capabilities: Capabilities;
  /**
   * @param options.alone the host may be killed: no other check has clients in it
   * @throws NotApplicable where it can't be killed, and `alone` asks for that
   */
  launch(options?: { alone?: boolean }): Promise<AdapterHost>;
  /** A path that nothing is stored at yet; see `storage` of verb `open`. */
  newStorage(): string;
  /** How it reaches the simulator: by a port of this machine, or by `clients/in-process-network.ts`. */
  network: "in-process" | "loopback";
  /** The address of this machine at which its clients reach that port; default: 127.0.0.1. */
  listenOn?: string;
  /** Where its pages are from: the simulator allows them to ask. */
  origin?: string;
  /** What it runs in takes its time: a second of its clients is to last as long as this, in ms, or longer. */
  shortestSecondMs?: number;
  /** Ends all hosts, and removes what they stored. */
  close?(): Promise<void>;
}

/** The host has ended by itself, and nothing can be asked of it any more. */
export class AdapterGone extends CouldNotRun {
  /** Clients of other checks were in it, too: it may have been their doing. */
  readonly shared: boolean;
  constructor(message: string, { shared }: { shared: boolean }) {
    super(message);
    this.shared = shared;
  }
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
