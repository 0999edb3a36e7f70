import { serverCheck } from "../../check.ts";
import {
  believesAuthorsOfBatches,
  believesClaimedAuthors,
  fillsAbsentAuthorsOnly,
  namesAuthorsOfPlansToo,
} from "./normalisation-paths.mutants.ts";

export const authorsOfTemplates = serverCheck({
  id: "NORM-011/author-is-the-user",
  name: "a plan template is stored under its user as author, whatever the item says",
  brokenBy: [believesClaimedAuthors, fillsAbsentAuthorsOnly, believesAuthorsOfBatches],
  async run({ device, newDevice, stranger, expect, aTemplate, edited }) {
    const mallory = await stranger();
    const [claiming, silent, batched] = [
      aTemplate({ authorId: mallory.user }),
      aTemplate(),
      aTemplate({ authorId: mallory.user }),
    ];
    const pushed = await device.push({ planTemplates: [claiming, silent] });
    expect.outcomes(pushed, ["applied", "applied"]);
    const id = batched["id"] as string;
    expect.outcome(await device.batch([{ id, type: "plan_template", data: batched }]), 0, "applied");

    const pulled = await newDevice().pullAll();
    for (const template of [claiming, silent, batched]) {
      const row = expect.live(pulled, template["id"] as string, "plan_template");
      expect.equal("authorId", row.item["authorId"], device.user);
    }
    // The sender is told, since its item is not what was stored.
    expect.equal("authorId in the answer", expect.result(pushed, 0).item?.["authorId"], device.user);

    // Who claims to be another author has not written another thing.
    const again = { ...silent, authorId: mallory.user };
    expect.outcome(await newDevice().push({ planTemplates: [again] }), 0, "duplicate");
    const edit = edited(claiming, { title: "edited", authorId: "nobody" });
    await newDevice().push({ planTemplates: [edit] });
    const after = expect.live(await device.pullAll(), claiming["id"] as string).item;
    expect.equal("title", after["title"], "edited");
    expect.equal("authorId after an edit", after["authorId"], device.user);
  },
});

export const authorsOfOthers = serverCheck({
  id: "NORM-011/templates-only",
  name: "an authorId of an item that is no template is an ordinary member",
  brokenBy: [namesAuthorsOfPlansToo],
  async run({ device, newDevice, expect, aPlan, aGoal, aTemplate }) {
    const [plan, bare, goal] = [aPlan({ authorId: "somebody" }), aPlan(), aGoal({ authorId: 7 })];
    const template = aTemplate();
    await device.push({ practicePlans: [plan, bare], goals: [goal], planTemplates: [template] });
    const pulled = await newDevice().pullAll();
    expect.equal("plan", expect.live(pulled, plan["id"] as string).item, plan);
    expect.equal("plan without author", expect.live(pulled, bare["id"] as string).item, bare);
    expect.equal("goal", expect.live(pulled, goal["id"] as string).item, goal);
    expect.equal("author", expect.live(pulled, template["id"] as string).item["authorId"], device.user);
  },
});
