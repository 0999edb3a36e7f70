import type { ClientMutant } from "../../model-client/mutant.ts";
import { modelClientSubject } from "../client/in-process.ts";
import type { ClientSubject } from "../client/port.ts";
import { httpDriver } from "../http.ts";
import { webSocketDriver } from "../websocket.ts";

/** The model client in this process, which reaches a server as any other does: by a port. `close` ends its connections. */
export function clientOnPorts(mutant?: ClientMutant): ClientSubject & { close(): Promise<void> } {
  const closing: (() => Promise<void>)[] = [];
  const subject = modelClientSubject({
    mutant,
    network(url) {
      const { transport, close } = httpDriver({ url, connections: 4 });
      const { dial, close: end } = webSocketDriver({ url });
      closing.push(close, end);
      return { transport, dial };
    },
  });
  return {
    ...subject,
    network: "loopback",
    async close() {
      await Promise.all(closing.splice(0).map((end) => end()));
    },
  };
}
