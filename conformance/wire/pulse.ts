import type { Transport } from "../drivers/transport.ts";

/**
 * Silence alone proves nothing of a server that is busy with everything else: who has waited in vain asks for something that costs
 * nothing, and believes the silence once that was answered. Resolves to whether anything was answered within `timeoutMs`, a 404 too.
 */
export async function pulse(transport: Transport, timeoutMs: number): Promise<boolean> {
  try {
    await transport({ method: "GET", path: "/health", headers: {} }, AbortSignal.timeout(timeoutMs));
    return true;
  } catch {
    return false;
  }
}
