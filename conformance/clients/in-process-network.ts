import type { Dial } from "../drivers/socket.ts";
import type { Transport } from "../drivers/transport.ts";
import type { Simulator } from "../simulator/simulator.ts";

/** Simulators by address, for clients within this process: nothing goes over a real network. */
const SIMULATORS = new Map<string, Simulator>();
let count = 0;

/** Gives a simulator an address. */
export function join(simulator: Simulator): { url: string; leave(): void } {
  const url = `http://simulator-${(count += 1)}.example`;
  SIMULATORS.set(url, simulator);
  return { url, leave: () => void SIMULATORS.delete(url) };
}

/** What is reached at an address; nobody answers where nobody is any more. */
export function network(url: string): { transport: Transport; dial: Dial } {
  const at = (): Simulator => {
    const simulator = SIMULATORS.get(url);
    if (!simulator) throw new Error(`nothing listens at ${url}`);
    return simulator;
  };
  return {
    async transport(request, signal) {
      const simulator = at();
      const giveUp = (): void => simulator.givenUp(request);
      signal?.addEventListener("abort", giveUp, { once: true });
      try {
        return await simulator.handle(request);
      } finally {
        signal?.removeEventListener("abort", giveUp);
      }
    },
    dial: async (request, signal) => at().dial(request, signal),
  };
}
