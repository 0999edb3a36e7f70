export { SyncError, type SyncErrorCode } from "./errors.ts";
export { memoryStorage } from "./adapters/memory/storage.ts";
export { systemClock, type Clock } from "./ports/clock.ts";
export { systemRandom, type Random } from "./ports/random.ts";
export type { OpenStorage, Storage } from "./ports/storage.ts";
export { unknownSurroundings, type Surroundings } from "./ports/surroundings.ts";
export { noOtherTabs, type JoinTabs, type TabMessage, type Tabs } from "./ports/tabs.ts";
export type { Fetch, OpenSocket, Socket, SocketEvents, Transport } from "./ports/transport.ts";
