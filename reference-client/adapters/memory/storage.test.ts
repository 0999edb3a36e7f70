import { sharedStorageContract, storageContract } from "../storage-contract.ts";
import { memoryStorage } from "./storage.ts";

storageContract("memory", async () => memoryStorage());
sharedStorageContract("memory", async () => memoryStorage());
