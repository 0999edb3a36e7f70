export { fileStorage, type FileStorageOptions } from "./adapters/node/storage.ts";
export { nodeSocket } from "./adapters/node/socket.ts";
