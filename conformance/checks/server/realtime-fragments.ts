import { serverCheck } from "../../check.ts";
import { idOf } from "../reading.ts";
import * as faulty from "./realtime-fragments.mutants.ts";

export const cutWithinCharacters = serverCheck({
  id: "RT-008/characters-cut-by-fragments",
  name: "a message in fragments is served like any other, wherever it is cut, also within a character",
  brokenBy: [faulty.decodesEachFragment, faulty.readsTheFirstFragment, faulty.losesEmptyFragments],
  async run({ newDevice, expect, anEntry }) {
    const phone = await newDevice().connect();
    const laptop = await newDevice().connect();
    const entry = anEntry({ notes: "é ♪ 𝄞 ".repeat(12) });
    // In two, in pieces of a byte, and in more pieces than there are bytes, so that some are empty.
    const whole = (clientChangeId: string) =>
      JSON.stringify({ type: "ENTRY_CREATED", clientChangeId, entry });
    const { length } = Buffer.from(whole("change-0"));
    // The text is full of characters of two to four bytes, so that many of these cuts fall within one.
    const counts = [2, 3, 5, 7, 11, length, length + 9];
    for (const [index, count] of counts.entries()) {
      const name = `change-${index}`;
      const answer = await phone.answerTo(name, () => phone.sendFragments(whole(name), count));
      expect.ack(answer, index === 0 ? "applied" : "duplicate");
    }
    const told = await laptop.hears(idOf(entry));
    expect.equal("notes as told", told.item?.["notes"], entry["notes"]);
  },
});

export const lengthOfAllFragments = serverCheck({
  id: "RT-007/length-of-all-fragments",
  name: "the length of a message in fragments is that of all of them: beyond the limit it closes with 1009",
  brokenBy: [faulty.measuresEachFragment, faulty.closesFragmentsAsBroken],
  async run({ newDevice, expect, anEntry, limits }) {
    const other = await newDevice().connect();
    const phone = await newDevice().connect();
    const entry = anEntry();
    const text = JSON.stringify({ type: "ENTRY_CREATED", clientChangeId: "change", entry });
    // White space belongs to the frame, not to the item.
    phone.sendFragments(text + " ".repeat(limits.maxMessageBytes), 3);
    await expect.closedWith(phone, 1009);
    await other.fence();
    expect.notTold(other, idOf(entry));
    const again = await newDevice().connect();
    expect.ack(await again.answerTo("change", () => again.sendFragments(text, 3)), "applied");
  },
});
