import { browserTabs } from "../../reference-client/adapters/browser/tabs.ts";
import { type OpenStorage, type Storage, together, type Options } from "../../reference-client/index.ts";
import { fileStorage } from "../../reference-client/node.ts";

/** Whether clients of one storage can agree on which of them leads: newer versions of Node have the browsers' locks. */
export const CAN_SHARE = (globalThis.navigator as Partial<Navigator> | undefined)?.locks !== undefined;

/** What the tabs of one user on one storage have in common. */
export interface Device {
  storage: OpenStorage;
  tabs: NonNullable<Options["tabs"]>;
  /** As a cookie would be. */
  token: string;
}

const devices = new Map<string, Device>();

/** The device of a storage and a user; the last token that it was given counts. */
export function deviceAt(folder: string, user: string, token: string): Device {
  const key = JSON.stringify([folder, user]);
  const known = devices.get(key);
  if (known) {
    known.token = token;
    return known;
  }
  const device = { storage: shared(fileStorage({ folder })), tabs: together(browserTabs(folder)), token };
  devices.set(key, device);
  return device;
}

/** A folder has one opener: the first tab opens it, the last one closes it. */
function shared(open: OpenStorage): OpenStorage {
  let storage: Promise<Storage> | undefined;
  let users = 0;
  return async (user) => {
    users += 1;
    storage ??= open(user);
    const opened = storage;
    let left = false;
    const leave = async (end: (one: Storage) => Promise<void>): Promise<void> => {
      if (left) return;
      left = true;
      users -= 1;
      if (users > 0) return;
      storage = undefined;
      await end(await opened);
    };
    try {
      const one = await opened;
      return {
        load: (each) => one.load(each),
        transact: (keys, plan) => one.transact(keys, plan),
        close: () => leave((last) => last.close()),
        destroy: () => leave((last) => last.destroy()),
      };
    } catch (error) {
      users -= 1;
      storage = undefined;
      throw error;
    }
  };
}
