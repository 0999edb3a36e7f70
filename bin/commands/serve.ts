import type { Command } from "commander";
import { explained, port, repeated } from "./options.ts";

export function serveCommand(program: Command): void {
  const command = program
    .command("serve")
    .description("serve the reference server (or the in-memory model) on this machine, offline")
    .option("--port <port>", "port; 0 takes a free one", port, 8787)
    .option("--host <address>", "address to listen on; other than loopback needs a secret", "127.0.0.1")
    .option("--persist <folder>", "keep the data there (default: in a folder that is removed at the end)")
    .option("--jwt-secret <secret>", "HS256 secret of the tokens (better: MIRUBATO_JWT_SECRET)")
    .option("--limits <json>", 'shorten limits, for example {"maxItems": 10}')
    .option("--origin <origin>", "allow a web origin", repeated)
    .option("--model", "serve the in-memory model instead")
    .option("--mutant <name>", "with --model: misbehave like this mutant")
    .option("--variant <name>", "with --model: conform in another way, like this variant")
    .option("--control", "speak the control protocol on stdin and stdout")
    .action(async (flags) => {
      const { serve } = await import("../serve.ts");
      process.exitCode = await serve(flags);
    });
  explained(command, {
    examples: [
      "npx mirubato-sync serve --persist ./data",
      "npx mirubato-sync serve --origin http://localhost:5173",
      "npx mirubato-sync serve --model --mutant forgets-idempotency-keys --port 8799",
    ],
  });
}
