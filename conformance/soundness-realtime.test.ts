import { describe, expect, it } from "vitest";
import { discoverVariants } from "./model/discover-variants.ts";
import { falseAlarms } from "./testing/false-alarms.ts";

const variants = (await discoverVariants()).filter(
  ({ options }) => options?.profiles?.includes("realtime") ?? true,
);

/** Beside those of http in a file of its own: the two run side by side. */
describe("a server that conforms in its own way hears no false alarm from the checks of realtime:", () => {
  it.each(variants.map((variant, turn) => [variant.name, variant, turn] as const))(
    "%s",
    { timeout: 120_000 },
    async (_name, variant, turn) => {
      const { alarms, passed } = await falseAlarms(variant, "realtime", turn);
      expect(alarms).toEqual([]);
      // Else a suite that judges nothing would be sound.
      expect(passed).toBeGreaterThan(30);
    },
  );
});
