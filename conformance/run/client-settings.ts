import { commonSettings, CONFIG_FILE, readConfig } from "./config.ts";
import type { CommonFlags, CommonSettings } from "./config.ts";
import { UsageError } from "./select.ts";

/** What a run against a client is told. */
export interface ClientSettings extends CommonSettings {
  /** The command, or `tcp://host:port`. */
  adapter: string;
  /** The specification's own durations: a second takes a second. */
  realTime: boolean;
  answerTimeoutMs: number;
  startTimeoutMs: number;
}

/** Options of `test client` as the command line gives them; lists already split. */
export interface ClientFlags extends CommonFlags {
  adapter?: string;
  checkAdapter?: boolean;
  realTime?: boolean;
  startTimeout?: number;
  timeout?: number;
}

/** @throws UsageError naming the setting, what is wrong with it, and what would be right. */
export function readClientSettings(flags: ClientFlags, folder: string): ClientSettings {
  const read = readConfig(flags.config, folder);
  // A file that nobody named and that is about a server says nothing about a client.
  const file = flags.config === undefined && read.adapter === undefined ? {} : read;
  const adapter = flags.adapter ?? file.adapter;
  if (adapter === undefined) {
    throw new UsageError(
      `which client? Give --adapter <command>, or "adapter" in ${CONFIG_FILE}: a program that speaks the adapter protocol for it (npx mirubato-sync adapter is the reference client's)`,
    );
  }
  if (adapter.trim() === "")
    throw new UsageError("--adapter: it is empty; give a command, or tcp://host:port");
  if (/^\w+:\/\//.test(adapter)) demandAddress(adapter);
  const answerTimeoutMs = (flags.timeout ?? 20) * 1000;
  return {
    ...commonSettings(flags, file),
    adapter,
    realTime: flags.realTime ?? file.realTime ?? false,
    answerTimeoutMs,
    startTimeoutMs: flags.startTimeout === undefined ? answerTimeoutMs : flags.startTimeout * 1000,
  };
}

function demandAddress(adapter: string): void {
  const { protocol, hostname, port } = URL.parse(adapter) ?? {};
  if (protocol === "tcp:" && hostname !== "" && port !== "" && Number(port) > 0) return;
  throw new UsageError(
    `--adapter: "${adapter}" is neither a command nor an address of the form tcp://host:port, such as tcp://127.0.0.1:7001`,
  );
}
