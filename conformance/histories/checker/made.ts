import type { Answered, Frame, History, Listening, Operation, Read, Seen, Written } from "../record.ts";

/** Histories made by hand, for tests: one user unless told, time by the order of the calls. */
export class Made {
  readonly history: History = { users: 2, operations: [], sockets: [], events: [] };
  #time = 0;

  /** An answered push of one item or more, each with what it became. */
  push(device: string, ...items: [written: Written, answered: Answered][]): Operation {
    return this.add(device, "push", {
      writes: items.map(([one]) => one),
      results: items.map(([, answered]) => answered),
      request: this.history.operations.length + 1,
    });
  }

  /** A push that was never answered. */
  unanswered(device: string, ...writes: Written[]): Operation {
    const operation = this.add(device, "push", {
      writes,
      outcome: "unknown",
      request: this.history.operations.length + 1,
    });
    operation.ended = Number.POSITIVE_INFINITY;
    return operation;
  }

  pull(
    device: string,
    channel: "full pull" | "delta pull",
    rows: Seen[],
    more: Partial<Operation> & { head?: number } = {},
  ): Operation {
    const { head, ...others } = more;
    const read: Read = { rows, pages: 1, ...(head === undefined ? {} : { head }) };
    return this.add(device, channel, { read, ...others });
  }

  socket(device: string, ...frames: Omit<Frame, "at">[]): Listening {
    const socket: Listening = {
      id: this.history.sockets.length + 1,
      user: userOf(device),
      device,
      opened: (this.#time += 1),
      frames: [],
    };
    for (const frame of frames) socket.frames.push({ ...frame, at: (this.#time += 1) });
    this.history.sockets.push(socket);
    return socket;
  }

  add(device: string, channel: Operation["channel"], more: Partial<Operation>): Operation {
    const [began, ended] = [(this.#time += 1), (this.#time += 1)];
    const operation: Operation = {
      id: this.history.operations.length + 1,
      user: userOf(device),
      device,
      channel,
      began,
      ended,
      beganMs: began,
      endedMs: ended,
      outcome: "ok",
      writes: [],
      ...more,
    };
    this.history.operations.push(operation);
    return operation;
  }
}

const userOf = (device: string): number => device.charCodeAt(0) - 65;

/** A write of an entity: `at` is its time, `value` its content; without, a deletion. */
export function written(entity: string, at: number, value?: string): Written {
  const deleted = value === undefined;
  return {
    entity,
    stamp: { updatedAt: at, deleted, checksum: value ?? "" },
    item: deleted ? null : { value },
  };
}

export function seen({ entity, stamp, item }: Written, version: number, seq: number): Seen {
  return { entity, stamp, item, version, seq };
}

/** What became of a write: by default it is what is stored. */
export function became(outcome: Answered["outcome"], stored: Seen): Answered {
  return { outcome, stored };
}
