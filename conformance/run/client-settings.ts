import { commonSettings, CONFIG_FILE, readConfig } from "./config.ts";
import type { CommonFlags, CommonSettings } from "./config.ts";
import { UsageError } from "./select.ts";

/** What a run against a client is told. */
export interface ClientSettings extends CommonSettings {
  /** The command, `tcp://host:port`, or where `browser` is true the page. */
  adapter: string;
  /** Whether the adapter is a page of a browser: a file, or a URL. */
  browser: boolean;
  /** The specification's own durations: a second takes a second. */
  realTime: boolean;
  answerTimeoutMs: number;
  startTimeoutMs: number;
}

/** Options of `test client` as the command line gives them; lists already split. */
export interface ClientFlags extends CommonFlags {
  adapter?: string;
  browser?: string;
  checkAdapter?: boolean;
  realTime?: boolean;
  startTimeout?: number;
  timeout?: number;
}

/** @throws UsageError naming the setting, what is wrong with it, and what would be right. */
export function readClientSettings(flags: ClientFlags, folder: string): ClientSettings {
  const read = readConfig(flags.config, folder);
  // A file that nobody named and that is about a server says nothing about a client.
  const named = read.adapter ?? read.browser;
  const file = flags.config === undefined && named === undefined ? {} : read;
  const given = flags.adapter ?? flags.browser;
  const { adapter: command, browser: page } = given === undefined ? file : flags;
  if (command !== undefined && page !== undefined)
    throw new UsageError(
      "--adapter and --browser: a client has one adapter, a program or a page; leave one out",
    );
  const adapter = command ?? page;
  if (adapter === undefined) {
    throw new UsageError(
      `which client? Give --adapter <command>, or "adapter" in ${CONFIG_FILE}: a program that speaks the adapter protocol for it (npx mirubato-sync adapter is the reference client's); or --browser <page>`,
    );
  }
  if (page !== undefined) demandPage(page);
  else if (adapter.trim() === "")
    throw new UsageError("--adapter: it is empty; give a command, or tcp://host:port");
  else if (/^\w+:\/\//.test(adapter)) demandAddress(adapter);
  const answerTimeoutMs = (flags.timeout ?? 20) * 1000;
  return {
    ...commonSettings(flags, file),
    adapter,
    browser: page !== undefined,
    realTime: flags.realTime ?? file.realTime ?? false,
    answerTimeoutMs,
    startTimeoutMs: flags.startTimeout === undefined ? answerTimeoutMs : flags.startTimeout * 1000,
  };
}

function demandPage(page: string): void {
  if (page.trim() === "") throw new UsageError("--browser: it is empty; give an HTML file, or a URL");
  const scheme = /^(\w+):\/\//.exec(page)?.[1];
  if (scheme === undefined || (/^https?$/.test(scheme) && URL.canParse(page))) return;
  throw new UsageError(
    `--browser: "${page}" is neither an HTML file nor a URL such as http://localhost:5173/adapter.html`,
  );
}

function demandAddress(adapter: string): void {
  const { protocol, hostname, port } = URL.parse(adapter) ?? {};
  if (protocol === "tcp:" && hostname !== "" && port !== "" && Number(port) > 0) return;
  throw new UsageError(
    `--adapter: "${adapter}" is neither a command nor an address of the form tcp://host:port, such as tcp://127.0.0.1:7001`,
  );
}
