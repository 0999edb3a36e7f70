import { UsageError } from "../../conformance/run/select.ts";
import { SyncError, type SyncClient } from "../../reference-client/index.ts";
import { commandNamed, type Session } from "./commands.ts";
import type { Conversation } from "./conversation.ts";
import type { Screen } from "./screen.ts";
import { describeChange, describeLetter, stateLine, stateOf } from "./show.ts";

/** How long what waits may take to go out at the end. */
const LAST_FLUSH_MS = 3_000;

/** Tells of what happens, above the line that is being typed where there is one. */
interface Told {
  session: Session;
  /** What went wrong, to people. */
  failed(error: unknown, where?: string): void;
  /** Whether anything did. */
  anyFailed(): boolean;
}

/**
 * Makes the session of a client: what it says of itself goes to `print`, which puts it where it harms no prompt.
 *
 * @param io.end called when a command ends the program
 * @param io.promptsState whether the prompt shows how things stand
 */
export function tell(
  client: SyncClient,
  screen: Screen,
  where: Session["where"],
  { print, end, promptsState }: { print(write: () => void): void; end(): void; promptsState: boolean },
): Told {
  const { colours } = screen;
  let any = false;
  let watching = false;
  let lastError = "";
  /** What was told as it happened, and is told again as the failure of the command that it happened in. */
  let justTold = "";
  const failed = (error: unknown, place = ""): void => {
    any = true;
    const text = messageOf(error);
    const known = text === justTold;
    justTold = "";
    if (known) return;
    print(() => screen.err(`${colours.red("✗")} ${place}${text}`));
  };
  client.on("deadLetter", (letter) => {
    any = true;
    print(() => screen.err(`${colours.red("✗ refused")}  ${describeLetter(letter, colours)}`));
  });
  client.on("error", (error) => {
    if (error.message === lastError) return;
    failed(error);
    lastError = error.message;
    justTold = messageOf(error);
  });
  client.on("status", (status) => {
    if (status === "connected") lastError = "";
    if (watching && screen.json) screen.out(JSON.stringify({ event: "status", status }));
    else if (watching && !promptsState) print(() => screen.out(stateLine(client, colours)));
  });
  client.subscribe((changes) => {
    if (!watching) return;
    for (const change of changes) {
      if (change.origin === "local") continue;
      if (screen.json) screen.out(JSON.stringify({ event: "change", ...change }));
      else print(() => screen.out(`${colours.cyan("←")} ${describeChange(change, screen)}`));
    }
  });
  const watch = (on: boolean): void => void (watching = on);
  return { session: { client, screen, where, watch, end }, failed, anyFailed: () => any };
}

/** One command, with what it needs of the server before and after. Returns the exit status. */
export async function once(told: Told, words: readonly string[], until: Promise<void>): Promise<number> {
  const { session, failed } = told;
  const { client, screen } = session;
  const command = commandNamed(words[0]!);
  const talks = (): boolean => stateOf(client) !== "offline" && stateOf(client) !== "stopped";
  let reached = true;
  const attempt = async (what: "pull" | "flush", else_: string): Promise<void> => {
    try {
      await client[what]();
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      reached = false;
      if (error.code === "UNREACHABLE")
        screen.err(
          `${screen.colours.yellow("○")} the sync did not succeed: ${error.reason ?? error.message}; ${else_}`,
        );
      else failed(error);
    }
  };
  if (talks() && (command.needs === "pull" || command.needs === "both"))
    await attempt("pull", "this is what is here");
  try {
    await command.run(session, words.slice(1));
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    failed(error);
  }
  if (words[0] === "watch") await until;
  else if (client.pendingCount > 0 && (command.needs === "push" || command.needs === "both")) {
    if (talks() && reached)
      await attempt("flush", "what was written is kept here and goes out the next time");
    else screen.err("  what was written is kept here and goes out the next time");
  }
  return told.anyFailed() ? 1 : 0;
}

/** Line after line. Returns the exit status. */
export async function lines(
  told: Told,
  conversation: Conversation,
  interrupted: AbortSignal,
): Promise<number> {
  const { session, failed } = told;
  const { client, screen } = session;
  await conversation.run(session, (error, line) => failed(error, line > 0 ? `line ${line}: ` : ""));
  if (!interrupted.aborted && client.pendingCount > 0 && stateOf(client) !== "offline")
    await Promise.race([client.flush().catch(() => {}), passed(LAST_FLUSH_MS)]);
  const left = client.pendingCount;
  if (left > 0) screen.err(`${left} ${left === 1 ? "write waits" : "writes wait"} here for the next time`);
  return told.anyFailed() ? 1 : 0;
}

function messageOf(error: unknown): string {
  if (error instanceof SyncError) {
    const { cause } = error;
    const why = cause instanceof Error && error.code === "NO_TOKEN" ? ` (${cause.message})` : "";
    return `${error.message}${why}`;
  }
  if (error instanceof UsageError) return error.message;
  throw error;
}

function passed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
