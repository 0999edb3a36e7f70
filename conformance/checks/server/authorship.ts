import { serverCheck } from "../../check.ts";
import { mutant } from "../../model/mutant.ts";

const believesAuthors = mutant({
  name: "believes-authors",
  story: "authorId is a member like any other, so anyone can publish a template in a teacher's name.",
  breaks: ["NORM-011"],
  deform: (conforming) => ({ ...conforming, withAuthor: (_context, _entityType, item) => item }),
});

const believesNamedAuthors = mutant({
  name: "keeps-authors-that-are-named",
  story: "authorId is filled in where it is absent, and believed where it is not.",
  breaks: ["NORM-011"],
  deform: (conforming) => ({
    ...conforming,
    withAuthor: (context, entityType, item) =>
      typeof item["authorId"] === "string" ? item : conforming.withAuthor(context, entityType, item),
  }),
});

const authorsEverything = mutant({
  name: "authors-everything",
  story: "Every item gets the author's id, not templates alone, which changes what other peers hash.",
  breaks: ["NORM-011", "DATA-005"],
  deform: (conforming) => ({
    ...conforming,
    withAuthor: ({ user }, _entityType, item) => ({ ...item, authorId: user.id }),
  }),
});

export const authorOfATemplate = serverCheck({
  id: "NORM-011/the-author-is-the-user-of-the-token",
  name: "a template's author is the user of the token, whatever the item says, on push and batch",
  brokenBy: [believesAuthors, believesNamedAuthors, authorsEverything],
  async run({ device, newDevice, expect, aTemplate, aGoal }) {
    const [forged, silent, batched] = [
      aTemplate({ authorId: "another-user" }),
      aTemplate(),
      aTemplate({ authorId: "x" }),
    ];
    const goal = aGoal();
    const pushed = await device.push({ planTemplates: [forged, silent], goals: [goal] });
    // The stored item differs from what was sent, so its sender is told.
    expect.equal(
      "author in the answer",
      expect.outcome(pushed, 0, "applied").item?.["authorId"],
      device.user,
    );
    await device.batch([{ id: batched["id"] as string, type: "plan_template", data: batched }]);

    const seen = await newDevice().pull();
    for (const template of [forged, silent, batched]) {
      const { item } = expect.live(seen, template["id"] as string, "plan_template");
      expect.equal("authorId", item["authorId"], device.user);
    }
    const { item } = expect.live(seen, goal["id"] as string);
    expect.ok("a goal gets no author", !("authorId" in item), item);
  },
});
