import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

const TAIL = 4_000;
const GRACE_MS = 3_000;
/** For children that wrote elsewhere and are still ending. */
const AFTER_CLOSE_MS = 100;

/** A command of the operator's with all the processes that it starts. */
export interface ProcessGroup {
  child: ChildProcess;
  /** The end of what it wrote to stderr (and stdout, unless that is a protocol). */
  tail(): string;
  /** Resolves with "exit code 1" or "signal SIGKILL" when the command has ended. */
  ended: Promise<string>;
  /** SIGTERM to the whole group, SIGKILL to what is left after a grace period. */
  stop(): Promise<void>;
}

/** If the suite itself dies, nothing of any group may stay behind. */
const running = new Set<() => void>();
process.once("exit", () => {
  for (const killAll of running) killAll();
});

/** Starts a shell command as the leader of a process group of its own, so that its children end with it. */
export function startGroup(command: string, options: { protocolOnStdout?: boolean } = {}): ProcessGroup {
  const child = spawn(command, { shell: true, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  let written = "";
  const keep = (chunk: Buffer): void => {
    written = (written + chunk.toString("utf8")).slice(-TAIL);
  };
  child.stderr.on("data", keep);
  if (options.protocolOnStdout !== true) child.stdout.on("data", keep);
  // A command that ended does not read: that is told by `ended`.
  child.stdin.on("error", () => {});
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`));
  });
  const { pid } = child;
  const signalGroup = (signal: NodeJS.Signals | 0): boolean => {
    try {
      return pid !== undefined && process.kill(-pid, signal);
    } catch {
      return false;
    }
  };
  const killAll = (): void => void signalGroup("SIGKILL");
  running.add(killAll);

  // All that hold the pipes have ended. The group itself may still count zombies that nobody reaps for seconds.
  let closed = false;
  child.once("close", () => (closed = true));

  const stop = async (): Promise<void> => {
    child.stdin.end();
    signalGroup("SIGTERM");
    let closing = false;
    let deadline = Date.now() + GRACE_MS;
    while (signalGroup(0) && Date.now() < deadline) {
      if (closed && !closing) {
        closing = true;
        deadline = Math.min(deadline, Date.now() + AFTER_CLOSE_MS);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    signalGroup("SIGKILL");
    running.delete(killAll);
    await ended;
  };
  return { child, tail: () => written.trim(), ended, stop };
}
