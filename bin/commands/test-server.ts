import type { Command } from "commander";
import { interruptible } from "./interruptible.ts";
import { count, explained, positive, repeated, RUN_STATUS, runOptions, serverOptions } from "./options.ts";

export function testServerCommand(test: Command): void {
  const command = test.command("server").description("check a server, by its address or started for it");
  serverOptions(command)
    .option("--origin <origin>", "a web origin on the server's allow-list", repeated)
    .option(
      "--instances <n>",
      "start so many servers, each on a {port} of its own, to share the checks (1)",
      count,
    )
    .option("--timeout <seconds>", "for an answer, or the next message of a socket (10)", positive)
    .option("--histories <n>", "play so many random histories of each kind (4)", count)
    .option(
      "--duration <seconds>",
      "search random histories for as long as this; the other checks are not longer",
      positive,
    );
  runOptions(command).action(async (flags) => {
    const { testServer } = await import("../../conformance/commands/test.ts");
    await interruptible((io) => testServer(flags, io));
  });
  explained(command, {
    status: RUN_STATUS,
    examples: [
      "npx mirubato-sync test server --url https://sync.staging.example",
      'npx mirubato-sync test server --start "./my-server --port {port}" --report html=result.html',
      "npx mirubato-sync test server --url http://localhost:8787 --only IDEM,PUSH-004",
      "npx mirubato-sync test server --url http://localhost:8787 --baseline known-failures.json",
    ],
  });
}
