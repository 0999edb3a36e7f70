import { homedir } from "node:os";
import type { Readable } from "node:stream";
import picocolors from "picocolors";
import { UsageError } from "../conformance/run/select.ts";
import { fileStorage } from "../reference-client/adapters/node/storage.ts";
import { createProbe, sourceOf } from "../reference-client/inspector/index.ts";
import { memoryStorage, type Options, realtime, SyncClient, SyncError } from "../reference-client/index.ts";
import { commandNamed } from "./client/commands.ts";
import { atTerminal, fromPipe } from "./client/conversation.ts";
import { tokenProvider } from "./client/credentials.ts";
import { type Inspector, inspectorScript, serveInspector } from "./client/inspect.ts";
import type { Screen } from "./client/screen.ts";
import { lines, once, tell } from "./client/session.ts";
import { folderOf, removeEmpty } from "./client/store.ts";

export interface ClientFlags {
  url?: string;
  user: string;
  device: string;
  /** A folder; false: --no-store. */
  store?: string | false;
  tokenCommand?: string;
  json?: boolean;
  /** Serves the inspector. */
  inspect?: boolean;
}

export interface ClientIO {
  input: Readable & { isTTY?: boolean };
  output: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  error: NodeJS.WritableStream;
  env: NodeJS.ProcessEnv;
  /** Aborted when the program is to end. */
  signal: AbortSignal;
}

/**
 * `mirubato-sync client`: one command, given as words, or line after line of them. Returns the exit status: 0 done, 1 something
 * failed or was refused, 3 what is kept here can't be opened. Throws a `UsageError` for what can't be meant.
 */
export async function client(flags: ClientFlags, words: readonly string[], io: ClientIO): Promise<number> {
  const url = flags.url ?? (io.env["MIRUBATO_URL"] || "http://127.0.0.1:8787");
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ""))
    throw new UsageError(`--url: ${url} is no http or https address; such as http://127.0.0.1:8787`);
  // Before anything is opened: what can't be done is told at once.
  if (words.length > 0) commandNamed(words[0]!);
  const { user, device, tokenCommand } = flags;
  const folder = flags.store === false ? undefined : (flags.store ?? folderOf({ url, user, device }, io.env));
  const token = tokenProvider({ url, user, tokenCommand }, io.env);
  const storage = folder === undefined ? memoryStorage() : fileStorage({ folder });
  const stays = words.length === 0 || words[0] === "watch";
  if (flags.inspect && !stays)
    throw new UsageError("--inspect: shows a client that stays; give no command, or watch");
  const probe = flags.inspect ? createProbe() : undefined;
  const opened = await open(
    {
      url,
      user,
      token,
      storage: probe ? probe.storage(storage) : storage,
      ...(probe && { fetch: probe.fetch() }),
      ...(stays && { realtime: realtime(probe && { openSocket: probe.openSocket() }) }),
    },
    io.error,
  );
  if (opened === undefined) return 3;
  let inspector: Inspector | undefined;
  try {
    if (probe) {
      inspector = await serveInspector(sourceOf(opened, probe), await inspectorScript());
      io.error.write(`inspector: ${inspector.url} (for you alone: it shows what ${user} wrote)\n`);
    }
    return await converse(opened, { folder, words, json: flags.json === true, url }, io);
  } finally {
    await inspector?.close();
    await opened.close();
    if (flags.store === undefined) removeEmpty({ url, user, device }, io.env);
  }
}

async function converse(
  opened: SyncClient,
  {
    folder,
    words,
    json,
    url,
  }: { folder: string | undefined; words: readonly string[]; json: boolean; url: string },
  { input, output, error, env, signal }: ClientIO,
): Promise<number> {
  const atATerminal = words.length === 0 && input.isTTY === true && output.isTTY === true && !json;
  const screen: Screen = {
    out: (line) => void output.write(`${line}\n`),
    err: (line) => void error.write(`${line}\n`),
    colours: picocolors.createColors(output.isTTY === true && !env["NO_COLOR"]),
    get columns() {
      return (output.isTTY && output.columns) || 120;
    },
    json,
  };
  const conversation = atATerminal
    ? atTerminal(opened, screen.colours, { input, output })
    : words.length === 0
      ? fromPipe(input)
      : undefined;
  const print = (write: () => void): void => (conversation ? conversation.print(write) : write());
  const where = {
    server: url,
    user: opened.user,
    kept: folder === undefined ? "nowhere: it ends with this program" : atHome(folder),
  };
  const told = tell(opened, screen, where, {
    print,
    end: () => conversation?.end(),
    promptsState: atATerminal,
  });
  const interrupted = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  if (conversation === undefined) return once(told, words, interrupted);
  void interrupted.then(() => conversation.end());
  if (atATerminal) {
    screen.out(`${screen.colours.bold(opened.user)} at ${url}, kept in ${where.kept}`);
    screen.out(
      screen.colours.dim(
        "help lists the commands; quit or Ctrl-D ends, and what waits goes out the next time",
      ),
    );
    told.session.watch(true);
  }
  return lines(told, conversation, signal);
}

/** As people write it. */
function atHome(folder: string): string {
  const home = homedir();
  return folder.startsWith(`${home}/`) ? `~${folder.slice(home.length)}` : folder;
}

async function open(options: Options, error: NodeJS.WritableStream): Promise<SyncClient | undefined> {
  try {
    return await SyncClient.open(options);
  } catch (failure) {
    if (!(failure instanceof SyncError)) throw failure;
    if (failure.code === "INVALID_OPTION") throw new UsageError(failure.message);
    const other = failure.code === "STORAGE_LOCKED" ? " (--device <name>, or --store <folder>)" : "";
    error.write(`mirubato-sync: ${failure.message}${other}\n`);
    return undefined;
  }
}
