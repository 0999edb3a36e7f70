/**
 * What `serve` verifies with, and `test` and `token` sign with, when nobody gives a secret and the server is on this
 * machine. It is public: a server that can be reached from elsewhere must never use it.
 */
export const DEVELOPMENT_SECRET = "mirubato-sync-development-secret-known-to-everybody";

/** Whether a URL or host name leads to this machine only. */
export function isLoopback(urlOrHost: string): boolean {
  const filled = urlOrHost.replaceAll("{port}", "1");
  const host = filled.includes("://") ? new URL(filled).hostname : filled;
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    /^127(\.\d+){3}$/.test(host) ||
    /^\[?::1\]?$/.test(host)
  );
}
