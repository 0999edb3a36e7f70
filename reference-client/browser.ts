export { indexedDbStorage, type IndexedDbOptions } from "./adapters/indexeddb/storage.ts";
export { browserSurroundings } from "./adapters/browser/surroundings.ts";
export { browserTabs } from "./adapters/browser/tabs.ts";
