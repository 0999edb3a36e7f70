import { expect, it } from "vitest";
import type { ControlPort } from "../subject/subject.ts";
import { sharedControls } from "./shared-control.ts";

/** A control whose every upset ends when the test says so. */
function watched() {
  const asked: string[] = [];
  const underWay: PromiseWithResolvers<void>[] = [];
  const control: ControlPort = {
    verbs: ["restart", "evict"],
    invoke(verb) {
      asked.push(verb);
      underWay.push(Promise.withResolvers<void>());
      return underWay.at(-1)!.promise;
    },
  };
  return { asked, underWay, control };
}

/** Notes when it is done, and how. */
async function noted(log: string[], name: string, work: Promise<void>): Promise<void> {
  log.push(`${name} ${await work.then(() => "went on").catch(String)}`);
}

it("comes once all have asked, and each goes on when it is over", async () => {
  const { asked, underWay, control } = watched();
  const [one, two] = sharedControls(control, "restart", 2);
  const log: string[] = [];
  const first = noted(log, "one", one!.control.invoke("restart"));
  expect(asked).toEqual([]);
  const second = noted(log, "two", two!.control.invoke("restart"));
  expect([asked, log]).toEqual([["restart"], []]);
  underWay[0]!.resolve();
  await Promise.all([first, second]);
  expect(log).toEqual(["one went on", "two went on"]);
});

it("waits for nobody whose check is over, whichever was last", async () => {
  const { asked, underWay, control } = watched();
  const [one, two, three] = sharedControls(control, "restart", 3);
  two!.leave();
  const first = one!.control.invoke("restart");
  expect(asked).toEqual([]);
  three!.leave();
  expect(asked).toEqual(["restart"]);
  underWay[0]!.resolve();
  await first;
  one!.leave();
  expect(asked).toEqual(["restart"]);
});

it("fails for each where it fails, and other verbs are nobody else's business", async () => {
  const { asked, underWay, control } = watched();
  const [one, two] = sharedControls(control, "restart", 2);
  void two!.control.invoke("evict", { user: "u" });
  expect(asked).toEqual(["evict"]);
  const log: string[] = [];
  const both = [one, two].map((each, n) => noted(log, `${n}`, each!.control.invoke("restart")));
  underWay[1]!.reject(new Error("no answer"));
  await Promise.all(both);
  expect(log).toEqual(["0 Error: no answer", "1 Error: no answer"]);
});
