import type { Command } from "commander";
import { testClientCommand } from "./test-client.ts";
import { testServerCommand } from "./test-server.ts";

export function testCommand(program: Command): void {
  const test = program.command("test").description("check an implementation: a server, or a client");
  testServerCommand(test);
  testClientCommand(test);
}
