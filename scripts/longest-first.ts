import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

/** The files that take longest, so that no core waits for one of them at the end. Any other order is right, too; a file that is not here comes later. */
const LONGEST = [
  "conformance/soundness-realtime.test.ts",
  "conformance/soundness.test.ts",
  "conformance/self-test.test.ts",
  "conformance/self-test-clients.test.ts",
  "bin/adapter/page/page.browser.test.ts",
  "scripts/package.test.ts",
  "conformance/runners/runners.test.ts",
  "spec/search/outbox/outbox.test.ts",
  "conformance/run/dead-clients.test.ts",
  "conformance/commands/interruption.test.ts",
];

/** Vitest's own order goes by size where nothing is known of earlier runs, as on a clean checkout; short files hold the longest tests here. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.findIndex((file) => moduleId.endsWith(`/${file}`));
      return index === -1 ? LONGEST.length : index;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
