import { serverCheck } from "../../check.ts";
import * as faulty from "./push-duplicates.mutants.ts";

export const eachDuplicateCounts = serverCheck({
  id: "PUSH-012/each-duplicate-counts",
  name: "stats count items, not entities: one that stands three times in a push counts three times",
  brokenBy: [faulty.countsDuplicatesPerEntity, faulty.countsEntities, faulty.countsDuplicatesOfTheStoredOnly],
  async run({ device, newDevice, expect, anEntry, aGoal, aPiece, aDeletion }) {
    const [entry, goal, gone] = [anEntry(), aGoal(), aDeletion(aPiece())];
    const changes = { entries: [entry, entry, entry], goals: [goal], repertoire: [gone, gone] };
    const counts = { entriesProcessed: 3, goalsProcessed: 1, repertoireProcessed: 2 };
    const counted = ({ stats }: { stats: typeof counts & { duplicatesPrevented: number } }) => ({
      entriesProcessed: stats.entriesProcessed,
      goalsProcessed: stats.goalsProcessed,
      repertoireProcessed: stats.repertoireProcessed,
      duplicatesPrevented: stats.duplicatesPrevented,
    });
    const fresh = await device.push(changes);
    expect.equal("stats of what is new", counted(fresh.body), { ...counts, duplicatesPrevented: 3 });
    const again = await newDevice().push(changes);
    expect.equal("stats of what is stored", counted(again.body), { ...counts, duplicatesPrevented: 6 });
  },
});
