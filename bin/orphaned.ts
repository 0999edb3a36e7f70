const POLL_MS = 200;

/**
 * Resolves when npx, having started this process, is ended. npm passes SIGTERM on to the shell between the two, which ends without
 * telling its child; SIGKILL is told to nobody. Without npx it never resolves: then a process may well outlive its parent.
 */
export function orphanedByNpx(env: NodeJS.ProcessEnv): Promise<void> {
  const parent = process.ppid;
  return new Promise((resolve) => {
    if (env["npm_command"] !== "exec") return;
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      resolve();
    }, POLL_MS);
    timer.unref();
  });
}
