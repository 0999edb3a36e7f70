import { isEntityType } from "../../schemas/collections.ts";
import { isJsonObject, type Json } from "../../schemas/json.ts";
import { SyncError } from "../errors.ts";
import type { EntityKey, LocalEdits, ReplicaState, Row } from "../replica/records.ts";

/*
 * What is read from a device is judged before it is believed: another program, an older copy or a failing disk may have written it. Each
 * of these returns its value, or throws `STORAGE_CORRUPT` with the record's name.
 */

export function storedKey(key: unknown): EntityKey {
  if (typeof key !== "string" || !isEntityType(key.slice(0, Math.max(0, key.indexOf("/")))))
    throw corrupt(`There is a record named ${JSON.stringify(key)}`, "names no entity");
  return key as EntityKey;
}

export function storedState(value: unknown): ReplicaState | undefined {
  if (value === undefined) return undefined;
  const fits =
    isJsonObject(value) &&
    Number.isSafeInteger(value["revision"]) &&
    typeof value["deviceId"] === "string" &&
    typeof value["clockOffset"] === "number" &&
    Array.isArray(value["requests"]) &&
    value["requests"].every(isRequest) &&
    isJsonObject(value["settings"]);
  if (!fits) throw corrupt("The record of the state", "is no such record");
  return value as unknown as ReplicaState;
}

export function storedRow(key: EntityKey, value: unknown): Row {
  const fits =
    isJsonObject(value) &&
    (value["item"] === null || isJsonObject(value["item"])) &&
    typeof value["checksum"] === "string" &&
    ["updatedAt", "version", "seq", "seen"].every((member) => Number.isFinite(value[member]));
  if (!fits) throw corrupt(`The row of ${key}`, "is no row");
  return value as unknown as Row;
}

export function storedEdits(key: EntityKey, value: unknown): LocalEdits {
  const writes = isJsonObject(value) ? [value["sent"], value["waiting"], value["dead"]] : [null];
  if (!writes.every((write) => write === undefined || isWrite(write)))
    throw corrupt(`The edits of ${key}`, "are no edits");
  return value as LocalEdits;
}

function isRequest(value: Json): boolean {
  return isJsonObject(value) && typeof value["key"] === "string" && Array.isArray(value["entities"]);
}

function isWrite(value: Json | undefined): boolean {
  return (
    isJsonObject(value) &&
    isJsonObject(value["item"]) &&
    typeof value["deleted"] === "boolean" &&
    Number.isFinite(value["updatedAt"])
  );
}

function corrupt(what: string, why: string): SyncError {
  return new SyncError("STORAGE_CORRUPT", `${what} ${why}.`);
}
