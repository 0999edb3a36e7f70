import { together } from "../../index.ts";
import { browserSurroundings } from "../browser/surroundings.ts";
import { browserTabs } from "../browser/tabs.ts";
import { indexedDbStorage } from "../indexeddb/storage.ts";
import { openSoakClient, type Order, type Outcome } from "./device.ts";

/* Runs inside Chromium: a tab of the soak, with everything that a browser's client has. */

let client: Promise<(order: Order) => Promise<Outcome>> | undefined;

Object.assign(globalThis, {
  openClient: async (url: string, user: string, token: string): Promise<void> => {
    client = openSoakClient({
      url,
      user,
      token: () => token,
      storage: indexedDbStorage(),
      tabs: together(browserTabs()),
      surroundings: browserSurroundings,
    });
    await client;
  },
  obey: async (order: Order): Promise<Outcome> => (await client!)(order),
});
