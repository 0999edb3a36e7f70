import type { Transport } from "../drivers/transport.ts";

/**
 * Silence alone proves nothing of a server that is busy with everything else: who has waited in vain asks for something small that
 * comes by the same store, and believes the silence once that was answered. Resolves to whether it was within `timeoutMs`, be it by
 * a refusal.
 */
export async function pulse(
  transport: Transport,
  { authorization }: { authorization?: string | undefined },
  timeoutMs: number,
): Promise<boolean> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  try {
    await transport({ method: "GET", path: "/api/sync/status", headers }, AbortSignal.timeout(timeoutMs));
    return true;
  } catch {
    return false;
  }
}
