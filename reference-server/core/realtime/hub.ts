import type { Limits } from "../../../schemas/limits.ts";
import { toBase64Url } from "../base64url.ts";
import type { Clock, Log, RandomBytes, Row } from "../ports.ts";
import { StorageError } from "../ports.ts";
import { Problem } from "../problem.ts";
import type { Verdict } from "../judge.ts";
import type { Logged } from "../write-path.ts";
import { welcome } from "./answers.ts";
import { pageOf, type Reader } from "./catch-up.ts";
import { Connection } from "./connection.ts";
import { eventOf } from "./events.ts";
import type { Grant, Socket, Sockets } from "./ports.ts";

export interface HubPorts {
  sockets: Sockets;
  /** Reads the log of the user, as it is now. */
  reader: (user: string) => Reader;
  /** Runs a task after all of the user's writes before it and before all that come later. */
  turn: <T>(task: () => Promise<T>) => Promise<T>;
  clock: Clock;
  random: RandomBytes;
  log: Log;
}

/** What one writer has written. */
export interface Write {
  /** The writer's own socket. */
  connectionId?: string | undefined;
  /** One for each of its items. */
  verdicts: readonly Verdict[];
  /** Sent to that socket as soon as its place in the log is known. */
  answer?: () => void;
}

/** An eviction in the middle of a catch-up is noticed after this time, if nothing else wakes the object before. */
const RESUME_MS = 15_000;
const PACE_MS = 250;
const RETRY_AFTER_S = 30;

/**
 * The live sockets of one user. Whatever moves a connection's place in the log happens in the queue of the user's writes, so what
 * is told follows the log without further locks. Memory holds nothing that matters: each socket keeps its own place, and an
 * object that wakes up reads in the log what its sockets have missed (RT-040).
 */
export class Hub {
  readonly #ports: HubPorts;
  readonly #limits: Limits;
  readonly #connections = new WeakMap<Socket, Connection>();
  /** Sockets from before this object was in memory may have missed something. */
  #survivors: boolean;

  constructor(ports: HubPorts, limits: Limits) {
    this.#ports = ports;
    this.#limits = limits;
    this.#survivors = ports.sockets.all().length > 0;
  }

  /** Opens a socket for a token that has been judged. Throws RATE_LIMITED, without taking the socket, if there are enough (RT-037). */
  async open<T>(grant: Grant, accept: (id: string) => [Socket, T]): Promise<T> {
    const { sockets, clock, random } = this.#ports;
    const log = await this.#ports.reader(grant.user).place();
    if (sockets.all().length >= this.#limits.maxConnections) {
      throw new Problem("RATE_LIMITED", `There are ${this.#limits.maxConnections} connections already.`, {
        headers: { "retry-after": String(RETRY_AFTER_S) },
      });
    }
    const id = toBase64Url(random(15));
    const [socket, answer] = accept(id);
    const now = clock();
    const state = { ...grant, id, heardAt: now, peer: "unknown", numbered: false, catchUp: null } as const;
    const connection = this.#connect(socket, { ...state, epoch: log.epoch, position: log.head });
    connection.update({});
    connection.send(welcome(id, now));
    await sockets.wakeBy(connection.deadline().at);
    return answer;
  }

  /** The client has closed it, or has vanished. */
  gone(socket: Socket): void {
    this.#connections.get(socket)?.gone();
  }

  /** The connection of a socket. Undefined if its state is lost: then it has been closed, and its client catches up (RT-025). */
  connectionOf(socket: Socket): Connection | undefined {
    const known = this.#connections.get(socket);
    if (known !== undefined) return known;
    const state = socket.load();
    if (state !== undefined) return this.#connect(socket, state);
    socket.close(1012, "restarted; catch up");
    return undefined;
  }

  /** Those that are open. */
  connections(): Connection[] {
    return this.#ports.sockets.all().flatMap((socket) => {
      const connection = this.connectionOf(socket);
      return connection === undefined || connection.closed ? [] : [connection];
    });
  }

  /** Makes up in the background for what sockets have missed, if that is not done yet. */
  wake(): void {
    if (this.#survivors) this.#ports.sockets.background(this.turn(() => Promise.resolve()));
  }

  /** Runs a task in the queue of the user's writes, after making up for what sockets have missed. */
  turn<T>(task: () => Promise<T>): Promise<T> {
    return this.#ports.turn(async () => {
      await this.#recover();
      return task();
    });
  }

  /**
   * Tells what was written to all sockets but each writer's own, answers the writers, and tells those that are deployed peers what won
   * over them, as they do not read answers (RT-003). In a {@link turn}. Never throws, as the write is done.
   */
  async tell(logged: Logged | undefined, writes: readonly Write[]): Promise<void> {
    const following = logged === undefined ? [] : await this.#followers(logged);
    for (const { connectionId, verdicts, answer } of writes) {
      const applied = new Set(
        verdicts.flatMap((each) => (each.outcome === "applied" ? each.stored.seq : [])),
      );
      const rows = logged?.rows.filter((row) => applied.has(row.seq)) ?? [];
      for (const connection of following) {
        const own = connection.state.id === connectionId;
        if (rows.length > 0) connection.follow(own ? [] : rows, rows.at(-1)!.seq, this.#ports.clock());
      }
      // After its own rows and before those of the next writer, so that its number never names what was not answered yet.
      answer?.();
      this.#tellWinners(connectionId, verdicts);
    }
  }

  /** Those that are to be told a write, after making sure that they were told all before it. */
  async #followers(logged: Logged): Promise<Connection[]> {
    const connections = this.connections().filter((connection) => {
      if (connection.state.epoch === null)
        connection.update({ epoch: logged.epoch, position: logged.before });
      return connection.state.catchUp === null;
    });
    for (const connection of connections)
      if (connection.state.epoch !== logged.epoch) connection.close(1012, "the log is another one; catch up");
    await this.#catchUp(
      connections.filter(({ state }) => state.position < logged.before),
      logged.before,
    );
    return connections;
  }

  #tellWinners(connectionId: string | undefined, verdicts: readonly Verdict[]): void {
    const winners = verdicts.flatMap((each) => (each.outcome === "superseded" ? [each.stored] : []));
    if (winners.length === 0) return;
    const writer = this.connections().find(({ state }) => state.id === connectionId);
    if (writer?.state.peer === "deployed") for (const row of winners) this.#tellWinner(writer, row);
  }

  #tellWinner(connection: Connection, row: Row): void {
    const event = eventOf(row, this.#ports.clock(), false);
    if (connection.state.catchUp === null) connection.send(event);
    else connection.held.push(event);
  }

  /** Goes on with a catch-up that has begun, page by page, so that writes come in between. */
  walk(connection: Connection): void {
    this.#ports.sockets.background(this.#walk(connection));
  }

  /** Closes all, as the server ends: their clients come back and catch up. */
  dismiss(): void {
    for (const connection of this.connections()) connection.close(1012, "the server restarts; catch up");
  }

  /** Closes what has expired or is silent, and asks to be called when the next one will be. */
  async sweep(): Promise<void> {
    const now = this.#ports.clock();
    if (this.#survivors) await this.turn(async () => undefined);
    let next = Infinity;
    for (const connection of this.connections()) {
      const { at, code, reason } = connection.deadline();
      if (at <= now) connection.close(code, reason);
      else next = Math.min(next, connection.state.catchUp === null ? at : now + RESUME_MS);
    }
    if (next < Infinity) await this.#ports.sockets.wakeBy(next);
  }

  #connect(socket: Socket, state: Connection["state"]): Connection {
    const { clock, sockets } = this.#ports;
    const connection = new Connection(socket, state, this.#limits, clock, (ms) => sockets.sleep(ms));
    this.#connections.set(socket, connection);
    return connection;
  }

  async #recover(): Promise<void> {
    if (!this.#survivors) return;
    this.#survivors = false;
    const connections = this.connections();
    for (const connection of connections) if (connection.state.catchUp !== null) this.walk(connection);
    const following = connections.filter(({ state }) => state.catchUp === null && state.epoch !== null);
    await this.#catchUp(following, Infinity);
  }

  /** Tells connections what they have missed, from the log, up to a place in it. */
  async #catchUp(connections: readonly Connection[], upTo: number): Promise<void> {
    if (connections.length === 0) return;
    const after = Math.min(...connections.map(({ state }) => state.position));
    const reader = this.#ports.reader(connections[0]!.state.user);
    try {
      const { rows, identity } = await reader.page({ after, limit: undefined, receivedSince: null });
      const missed = rows.filter((row) => row.seq <= upTo);
      for (const connection of connections) {
        if (connection.state.epoch !== identity.epoch)
          connection.close(1012, "the log is another one; catch up");
        else connection.follow(missed, Math.min(upTo, identity.head), this.#ports.clock());
      }
    } catch (error) {
      this.#fail(error, connections);
    }
  }

  async #walk(connection: Connection): Promise<void> {
    const { clock, sockets } = this.#ports;
    const reader = this.#ports.reader(connection.state.user);
    try {
      await sockets.wakeBy(clock() + RESUME_MS);
      for (;;) {
        while (!connection.hasRoom && !connection.closed) await sockets.sleep(PACE_MS);
        if (connection.closed) return;
        const ended = await this.turn(() => pageOf(connection, reader, clock));
        if (ended) return;
      }
    } catch (error) {
      this.#fail(error, [connection]);
    }
  }

  /** Their place in the log can't be kept up, so they get another chance (RT-025). */
  #fail(error: unknown, connections: readonly Connection[]): void {
    const what = error instanceof StorageError ? `: ${error.message}` : "";
    this.#ports.log(`sockets could not be told, and are closed${what}`);
    for (const connection of connections) connection.close(1012, "the log can't be read now; catch up");
  }
}
