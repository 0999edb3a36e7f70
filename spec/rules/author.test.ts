import { expect, it } from "vitest";
import { withAuthor } from "./author.ts";

it("names the writer of a template, whatever it said", () => {
  expect(withAuthor("plan_template", { id: "t1", authorId: "mallory" }, "alice")).toEqual({
    id: "t1",
    authorId: "alice",
  });
  expect(withAuthor("plan_template", { id: "t1" }, "alice")).toEqual({ id: "t1", authorId: "alice" });
});

it("leaves items of other types alone", () => {
  expect(withAuthor("goal", { id: "g1", authorId: 7 }, "alice")).toEqual({ id: "g1", authorId: 7 });
});
