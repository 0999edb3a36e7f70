import { createInterface, type Interface } from "node:readline";
import type { Readable } from "node:stream";
import type { SyncClient } from "../../reference-client/index.ts";
import { commandNames, commandNamed, type Session } from "./commands.ts";
import { stateLine } from "./show.ts";
import { wordsOf } from "./words.ts";

/** Lines of commands, from a person at a terminal or from a pipe. */
export interface Conversation {
  /** Prints above the line that is being typed. */
  print(write: () => void): void;
  /** Does line after line until there are no more, `end` is called, or it is interrupted. */
  run(session: Session, failed: (error: unknown, line: number) => void): Promise<void>;
  end(): void;
}

/** A terminal: the prompt is the line of state. */
export function atTerminal(
  client: SyncClient,
  colours: Parameters<typeof stateLine>[1],
  { input, output }: { input: Readable; output: NodeJS.WritableStream },
): Conversation {
  const lines = createInterface({ input, output, terminal: true, completer: complete });
  let waiting = false;
  let shown = "";
  let closed = false;
  const renew = (): void => {
    shown = `${client.user} ${stateLine(client, colours)} › `;
    lines.setPrompt(shown);
  };
  const prompt = (keep: boolean): void => {
    renew();
    if (waiting) lines.prompt(keep);
  };
  const look = (): void => {
    const before = shown;
    renew();
    // Nothing is drawn anew for what looks the same.
    if (waiting && shown !== before) above(lines, output, () => {});
  };
  for (const event of ["status", "nextAttempt", "pending", "deadLetter", "settings"] as const)
    client.on(event, look);
  // The seconds to the next attempt.
  const clock = setInterval(look, 1000).unref();
  lines.once("close", () => {
    closed = true;
    waiting = false;
    clearInterval(clock);
  });
  lines.on("SIGINT", () => lines.close());
  return {
    print: (write) => (waiting ? above(lines, output, write) : write()),
    end: () => lines.close(),
    async run(session, failed) {
      waiting = true;
      prompt(false);
      for await (const line of lines) {
        waiting = false;
        await obey(line, session).catch((error: unknown) => failed(error, 0));
        waiting = !closed;
        prompt(false);
      }
      output.write("\n");
    },
  };
}

/** A pipe: each line in its turn, nothing but what was asked for. */
export function fromPipe(input: Readable): Conversation {
  const lines = createInterface({ input, crlfDelay: Infinity });
  return {
    print: (write) => write(),
    end: () => lines.close(),
    async run(session, failed) {
      let number = 0;
      for await (const line of lines) {
        number++;
        await obey(line, session).catch((error: unknown) => failed(error, number));
      }
    },
  };
}

async function obey(line: string, session: Session): Promise<void> {
  if (line.trim() === "" || line.trimStart().startsWith("#")) return;
  const [word, ...rest] = wordsOf(line);
  await commandNamed(word!).run(session, rest);
}

/** Writes where the prompt and what was typed so far stand, and puts those beneath. */
function above(lines: Interface, output: NodeJS.WritableStream, write: () => void): void {
  const { rows } = lines.getCursorPos();
  output.write(`${rows > 0 ? `\u001b[${rows}A` : ""}\r\u001b[J`);
  write();
  lines.prompt(true);
}

function complete(line: string): [string[], string] {
  const fitting = commandNames().filter((name) => name.startsWith(line));
  return [fitting.map((name) => `${name} `), line];
}
