import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";

/** There a command is for cmd.exe, and has no process group and no signals. */
const WINDOWS = process.platform === "win32";
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
  /** SIGTERM to the whole group, SIGKILL to what is left after a grace period; on Windows by force at once. */
  stop(): Promise<void>;
  /** SIGKILL to the whole group; resolves when nothing of it runs any more. */
  kill(): Promise<void>;
  /** Resolves when the command has ended and all that it wrote has been read. */
  closed: Promise<void>;
}

interface GroupOptions {
  /** What stands on stdout is not kept for `tail`. */
  protocolOnStdout?: boolean;
  /** The group ends with the suite even if that is killed, and with the command. */
  leashed?: boolean;
  cwd?: string;
  env?: Record<string, string>;
}

/**
 * Put before a command: something that waits for the end of the pipe that the suite holds, which no crash leaves open, and then kills
 * the group that it is in.
 */
const LEASH = "{ cat <&3; kill -9 0; } >/dev/null 2>&1 & exec 3<&-\n";
/** For processes that a SIGKILL does not reach: they left the group, and hold its pipes. */
const GONE_MS = 2_000;

/** If the suite itself dies, nothing of any group may stay behind. */
const running = new Set<() => void>();
process.once("exit", () => {
  for (const killAll of running) killAll();
});

/** Starts a shell command as the leader of a process group of its own, so that its children end with it. */
export function startGroup(command: string, options: GroupOptions = {}): ProcessGroup {
  const { cwd, env } = options;
  const leashed = options.leashed === true && !WINDOWS;
  const child = spawn(leashed ? LEASH + command : command, {
    shell: true,
    detached: !WINDOWS,
    windowsHide: true,
    stdio: ["pipe", "pipe", "pipe", ...(leashed ? ["pipe" as const] : [])],
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
  });
  const leash = child.stdio[3];
  leash?.on("error", () => {});
  child.once("exit", () => leash?.destroy());
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
      if (pid !== undefined && WINDOWS) return signal === 0 ? child.exitCode === null : endTree(pid);
      return pid !== undefined && process.kill(-pid, signal);
    } catch {
      return false;
    }
  };
  const killAll = (): void => void signalGroup("SIGKILL");
  running.add(killAll);

  // All that hold the pipes have ended. The group itself may still count zombies that nobody reaps for seconds.
  let closed = false;
  const closing = new Promise<void>((resolve) => {
    child.once("close", () => {
      closed = true;
      resolve();
    });
    child.once("error", () => resolve());
  });
  const kill = async (): Promise<void> => {
    signalGroup("SIGKILL");
    running.delete(killAll);
    let timer: NodeJS.Timeout | undefined;
    const atLast = new Promise<void>((resolve) => (timer = setTimeout(resolve, GONE_MS)));
    await Promise.race([closing, atLast]);
    clearTimeout(timer);
  };

  const stop = async (): Promise<void> => {
    child.stdin.end();
    signalGroup("SIGTERM");
    let isClosing = false;
    let deadline = Date.now() + GRACE_MS;
    while (signalGroup(0) && Date.now() < deadline) {
      if (closed && !isClosing) {
        isClosing = true;
        deadline = Math.min(deadline, Date.now() + AFTER_CLOSE_MS);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    signalGroup("SIGKILL");
    running.delete(killAll);
    await ended;
  };
  return { child, tail: () => written.trim(), ended, stop, kill, closed: closing };
}

/** Ends a process of Windows with all that it has started, by force. */
function endTree(pid: number): boolean {
  return spawnSync("taskkill", ["/pid", String(pid), "/T", "/F"], { windowsHide: true }).status === 0;
}
