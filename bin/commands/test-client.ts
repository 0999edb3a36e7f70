import type { Command } from "commander";
import { interruptible } from "./interruptible.ts";
import { explained, positive, RUN_STATUS, runOptions } from "./options.ts";

export function testClientCommand(test: Command): void {
  const command = test
    .command("client")
    .description("check a client, by what a simulated server sees of it")
    .option(
      "--adapter <command>",
      "the program that drives your client: JSON lines on stdin and stdout, as schemas/adapter.ts has them; or tcp://host:port",
    )
    .option(
      "--browser <page>",
      "instead: the page that drives your client in Chromium, an HTML file or a URL; it defines window.mirubatoAdapter = { ask(verb, params) }",
    )
    .option("--check-adapter", "try each verb of the adapter once, and say how to mend it; judges no client")
    .option("--real-time", "don't shorten the client's own waiting: 30 seconds take 30 seconds")
    .option("--start-timeout <seconds>", "how long an adapter may take to its first answer (20)", positive)
    .option("--timeout <seconds>", "for any other answer of the adapter (20)", positive);
  runOptions(command).action(async (flags) => {
    const { testClient } = await import("../../conformance/commands/test-client.ts");
    await interruptible((io) => testClient(flags, io));
  });
  explained(command, {
    status: [
      ...RUN_STATUS,
      "with --check-adapter: 0 it works, 1 something is wrong, 2 it is not there, 3 it does not answer as an adapter",
    ],
    examples: [
      'npx mirubato-sync test client --adapter "python3 adapter.py" --check-adapter',
      'npx mirubato-sync test client --adapter "python3 adapter.py" --report html=client.html',
      "npx mirubato-sync test client --adapter tcp://192.168.1.20:4242 --only CLI-018",
      "npx mirubato-sync test client --browser adapter.html",
    ],
  });
}
