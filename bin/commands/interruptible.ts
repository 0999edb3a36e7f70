import type { TestIo } from "../../conformance/commands/test-io.ts";
import { orphanedByNpx } from "../orphaned.ts";

/** Runs a command so that it ends early, with its reports, when it is told to, or when npx is. Sets the exit status. */
export async function interruptible(act: (io: TestIo) => Promise<number>): Promise<void> {
  const { untilInterrupted } = await import("../../conformance/commands/test-io.ts");
  // As if the signal had been passed on.
  void orphanedByNpx(process.env).then(() => process.kill(process.pid, "SIGTERM"));
  process.exitCode = await untilInterrupted(act);
}
