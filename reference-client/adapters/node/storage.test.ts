import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { lockedStorageContract, storageContract } from "../storage-contract.ts";
import { count, countIn } from "../testing/counting.ts";
import { FragileDisk } from "../testing/power.ts";
import { seeded } from "../testing/seeded.ts";
import { fileStorage } from "./storage.ts";

const root = await mkdtemp(join(tmpdir(), "file-storage-"));
afterAll(() => rm(root, { recursive: true }));

let folders = 0;
const newFolder = (): string => join(root, String(++folders));
const fresh = async () => fileStorage({ folder: newFolder() });

storageContract("files", fresh);
lockedStorageContract("files", fresh);

/** A disk with these bytes for a journal, or with none. */
async function diskWith(journal: Uint8Array | undefined): Promise<FragileDisk> {
  const disk = new FragileDisk(() => 0);
  if (journal === undefined) return disk;
  const file = await disk.files.open(journalIn("/data"), "fresh");
  await file.write(journal, 0);
  return disk;
}

const journalIn = (folder: string): string =>
  join(folder, createHash("sha256").update("alice").digest("hex").slice(0, 40), "journal");

const opening = (disk: FragileDisk, compactAbove?: number) =>
  fileStorage({ folder: "/data", files: disk.files, ...(compactAbove !== undefined && { compactAbove }) });

/** Four counts, and how long the journal was after each. */
async function journalOfFour(): Promise<{ journal: Uint8Array; lengths: number[] }> {
  const disk = new FragileDisk(() => 0);
  const storage = await opening(disk)("alice");
  const lengths: number[] = [];
  const journal = async () => (await disk.files.read(journalIn("/data")))!;
  lengths.push((await journal()).length);
  for (let at = 0; at < 4; at++) {
    await count(storage);
    lengths.push((await journal()).length);
  }
  return { journal: await journal(), lengths };
}

describe("a journal that is cut or damaged", () => {
  it("loses the record that was cut, and no other, wherever the end is", async () => {
    const { journal, lengths } = await journalOfFour();
    for (let end = lengths[0]!; end <= journal.length; end++) {
      const disk = await diskWith(journal.subarray(0, end));
      const whole = lengths.filter((length) => length <= end).length - 1;
      expect(await countIn(opening(disk)), `cut at ${end}`).toBe(whole);
      // What is written next stands where the cut one began.
      if (end % 10 > 0) continue;
      expect(await count(await opening(disk)("alice"))).toBe(whole + 1);
      expect(await countIn(opening(disk))).toBe(whole + 1);
    }
  });

  it("is STORAGE_CORRUPT where its beginning is cut, which was complete once", async () => {
    const { journal, lengths } = await journalOfFour();
    for (let end = 0; end < lengths[0]!; end++) {
      const disk = await diskWith(journal.subarray(0, end));
      await expect(opening(disk)("alice"), `cut at ${end}`).rejects.toMatchObject({
        code: "STORAGE_CORRUPT",
      });
    }
  });

  it("is STORAGE_CORRUPT whatever byte of it is another, and stays as it is", async () => {
    const { journal } = await journalOfFour();
    for (let at = 0; at < journal.length; at++) {
      const damaged = Buffer.from(journal);
      damaged[at]! ^= 1 << (at % 8);
      const disk = await diskWith(damaged);
      await expect(opening(disk)("alice"), `byte ${at}`).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
      expect(await disk.files.read(journalIn("/data"))).toEqual(damaged);
    }
  });

  it("is refused when it is another user's, another program's or a newer version's", async () => {
    const folder = newFolder();
    const opener = fileStorage({ folder });
    await (await opener("alice")).close();
    const path = journalIn(folder);
    await writeFile(path, "these are my notes\n");
    await expect(opener("alice")).rejects.toMatchObject({ code: "STORAGE_CORRUPT" });
    expect(await readFile(path, "utf8")).toBe("these are my notes\n");
  });
});

describe("when the power fails", () => {
  it("keeps what was resolved, whole, at whichever operation it fails", async () => {
    const compactAbove = 1_000;
    const inAll = new FragileDisk(seeded(0));
    const undisturbed = await opening(inAll, compactAbove)("alice");
    for (let at = 0; at < 12; at++) await count(undisturbed);
    expect(inAll.operations).toBeGreaterThan(35);
    for (let seed = 1; seed <= 4; seed++)
      for (let failsAt = 1; failsAt <= inAll.operations; failsAt++) {
        const disk = new FragileDisk(seeded(seed * 1000 + failsAt));
        disk.failsAt = failsAt;
        let resolved = 0;
        const counting = async (): Promise<void> => {
          const storage = await opening(disk, compactAbove)("alice");
          while (resolved < 12) resolved = await count(storage);
        };
        await counting().catch(() => {});
        const found = await countIn(opening(disk.afterwards(), compactAbove));
        // The one that was under way may be there; nobody was told.
        expect([resolved, resolved + 1], `seed ${seed}, operation ${failsAt}`).toContain(found);
      }
  });

  it.each(["ENOSPC", "EDQUOT", "EIO"])(
    "stores all or nothing at whichever operation %s is told",
    async (code) => {
      const expected = code === "EIO" ? "STORAGE_FAILED" : "STORAGE_FULL";
      const compactAbove = 1_000;
      let refused = 0;
      for (let failsAt = 1; failsAt <= 45; failsAt++) {
        const disk = new FragileDisk(seeded(failsAt));
        disk.failure = { at: failsAt, code };
        let resolved = 0;
        const counting = async (): Promise<void> => {
          const storage = await opening(disk, compactAbove)("alice");
          for (let tries = 0; tries < 12; tries++)
            try {
              resolved = await count(storage);
            } catch (error) {
              refused++;
              expect(error).toMatchObject({ code: expected });
              // A disk that is full is none that fails: the next write is tried.
              if (code !== "EIO") expect(await count(storage)).toBe(++resolved);
            }
          await storage.close();
        };
        await counting().catch((error: unknown) => expect(error).toMatchObject({ code: expected }));
        disk.failure = undefined;
        const found = await countIn(opening(disk, compactAbove));
        expect(found, `${code} at operation ${failsAt}`).toBe(resolved);
      }
      expect(refused).toBeGreaterThan(10);
    },
  );
});

it("stays short, however often the same is written", async () => {
  const disk = new FragileDisk(() => 0);
  const opener = opening(disk, 4_000);
  for (let round = 0; round < 5; round++) {
    const storage = await opener("alice");
    for (let at = 0; at < 40; at++) await count(storage);
    await storage.close();
  }
  expect((await disk.files.read(journalIn("/data")))!.length).toBeLessThan(10_000);
  expect(await countIn(opener)).toBe(200);
});

it("says STORAGE_UNAVAILABLE where no folder can be", async () => {
  const path = join(root, "a-file");
  await writeFile(path, "");
  await expect(fileStorage({ folder: join(path, "data") })("alice")).rejects.toMatchObject({
    code: "STORAGE_UNAVAILABLE",
  });
});
