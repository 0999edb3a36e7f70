import type { Command } from "commander";
import { explained } from "./options.ts";

export function tokenCommand(program: Command): void {
  const command = program
    .command("token")
    .description("print an access token for a server on this machine, or for the secret given")
    .requiredOption("--user <id>", "the user, claim sub")
    .option("--expires <time>", "life time: 90s, 15m, 1h, 7d", "1h")
    .option(
      "--jwt-secret <secret>",
      "HS256 secret (better: MIRUBATO_JWT_SECRET; default: the development secret)",
    )
    .action(async (flags) => {
      const { mintToken } = await import("../token.ts");
      process.stdout.write(`${mintToken(flags, process.env)}\n`);
    });
  explained(command, {
    examples: [
      "npx mirubato-sync token --user alice --expires 15m",
      'curl -H "Authorization: Bearer $(npx mirubato-sync token --user alice)" http://127.0.0.1:8787/api/sync/status',
    ],
  });
}
