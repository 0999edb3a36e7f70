import type { JoinTabs, TabMessage, Tabs } from "../ports/tabs.ts";

/** Tabs of one process: what browsers do with locks and a channel, with a way to crash one. */
export class TabHub {
  readonly #members: Member[] = [];

  /** For one tab; each opening gets another. */
  readonly join: JoinTabs = () => {
    const member = new Member(this);
    this.#members.push(member);
    return member;
  };

  others(than: Member): Member[] {
    return this.#members.filter((member) => member !== than);
  }

  leave(member: Member): void {
    const at = this.#members.indexOf(member);
    if (at >= 0) this.#members.splice(at, 1);
    this.elect();
  }

  /** Whoever has waited longest leads, if nobody does. */
  elect(): void {
    if (this.#members.some(({ leads }) => leads)) return;
    this.#members.find(({ campaigns }) => campaigns)?.lead();
  }

  /** The leading tab is gone, without a word. */
  crashLeader(): void {
    const leader = this.#members.find(({ leads }) => leads);
    if (leader !== undefined) leader.close();
  }
}

class Member implements Tabs {
  leads = false;
  #lead: (() => void) | undefined;
  #hear: (message: TabMessage) => void = () => {};
  readonly #hub: TabHub;

  constructor(hub: TabHub) {
    this.#hub = hub;
  }

  get campaigns(): boolean {
    return this.#lead !== undefined;
  }

  campaign(lead: () => void): void {
    this.#lead = lead;
    this.#hub.elect();
  }

  lead(): void {
    this.leads = true;
    this.#lead?.();
  }

  post(message: TabMessage): void {
    for (const other of this.#hub.others(this)) {
      const copy = structuredClone(message);
      setImmediate(() => other.#hear(copy));
    }
  }

  listen(hear: (message: TabMessage) => void): void {
    this.#hear = hear;
  }

  close(): void {
    this.leads = false;
    this.#lead = undefined;
    this.#hear = () => {};
    this.#hub.leave(this);
  }
}
