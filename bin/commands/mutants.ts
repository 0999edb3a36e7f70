import type { Command } from "commander";
import { interruptible } from "./interruptible.ts";
import { explained, list, repeated } from "./options.ts";

export function mutantsCommand(program: Command): void {
  const command = program
    .command("mutants")
    .summary("prove that the suite can fail")
    .description(
      "prove that the suite can fail: each check against the conforming model and the faulty servers, or clients, that it must catch",
    )
    .option("--role <role>", "server or client (server)")
    .option("--only <names>", "requirements, checks, areas or mutants, a,b", list)
    .option("--seed <seed>", "other random choices than the usual ones")
    .option(
      "--report <format=file>",
      "write a report: json=…, html=… or markdown=…; - is standard output, and all else is then told on standard error",
      repeated,
    )
    .action(async (flags) => {
      const { tryMutants } = await import("../../conformance/commands/mutants.ts");
      await interruptible((io) => tryMutants(flags, io));
    });
  explained(command, {
    status: [
      "0  every check passes on the model, and catches what it names",
      "1  a mutant survived, or a check proves nothing",
      "2  wrong usage",
      "3  it could not run",
    ],
    examples: [
      "npx mirubato-sync mutants --only IDEM-002",
      "npx mirubato-sync mutants --role client --report html=mutants.html",
    ],
  });
}
