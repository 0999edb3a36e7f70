import { isJsonObject, type JsonObject } from "../../schemas/json.ts";
import type { Socket } from "../drivers/socket.ts";
import { CouldNotRun } from "../verdict.ts";

const LONGEST_WAIT_MS = 60_000;

/** A device's end of a socket, which can wait for one frame, or count frames without reading them through. */
export class BenchSocket {
  readonly #socket: Socket;
  #waiting: { take: (text: string) => boolean; fail: (error: Error) => void } | undefined;
  /** What came while nobody waited. */
  readonly #early: string[] = [];
  #announced = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.onFrame = (data) => {
      if (typeof data !== "string") return;
      if (this.#waiting) this.#waiting.take(data);
      else this.#early.push(data);
    };
    socket.onClose = (code, reason) =>
      this.#waiting?.fail(new CouldNotRun(`a socket was closed: ${code} ${reason}`));
  }

  /** Sends a message; the first one announces the protocol. */
  send(message: JsonObject): void {
    this.sendText(JSON.stringify(this.#announced ? message : { protocol: "1", ...message }));
    this.#announced = true;
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  /** The next frame that is wanted; those before it are dropped. An ERROR ends the wait. */
  async next(wanted: (frame: JsonObject) => boolean): Promise<JsonObject> {
    let found: JsonObject | undefined;
    await this.#until((text) => {
      const frame: unknown = JSON.parse(text);
      if (!isJsonObject(frame)) return false;
      if (frame["type"] === "ERROR") throw new CouldNotRun(`a socket was told: ${text.slice(0, 200)}`);
      if (wanted(frame)) found = frame;
      return found !== undefined;
    });
    return found!;
  }

  /** Resolves when so many frames with this text in them have come. */
  frames(mark: string, count: number): Promise<void> {
    let left = count;
    return this.#until((text) => text.includes(mark) && (left -= 1) === 0);
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.close(1000);
  }

  #until(take: (text: string) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void): true => {
        clearTimeout(timer);
        this.#waiting = undefined;
        act();
        return true;
      };
      const fail = (error: Error) => settle(() => reject(error));
      const timer = setTimeout(
        () =>
          fail(
            new CouldNotRun(`nothing that was waited for came on a socket in ${LONGEST_WAIT_MS / 1000} s`),
          ),
        LONGEST_WAIT_MS,
      );
      this.#waiting = {
        fail,
        take: (text) => {
          try {
            return take(text) && settle(resolve);
          } catch (error) {
            return fail(error as Error);
          }
        },
      };
      while (this.#waiting && this.#early.length > 0) this.#waiting.take(this.#early.shift()!);
    });
  }
}
