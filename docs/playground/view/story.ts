import { h } from "../../../reference-client/inspector/dom.ts";
import { SCENARIOS } from "../scenarios/index.ts";
import type { Scenario } from "../scenarios/story.ts";
import type { World } from "../world/world.ts";
import { button, choice, setText } from "./controls.ts";
import { requirementLinks } from "./links.ts";

export interface StoryView {
  readonly element: HTMLElement;
  /** @param done how many of its steps have begun; `running`: the last of them has not ended */
  draw(world: World, scenario: Scenario | undefined, done: number, running: boolean): void;
}

/** What to choose from, and the steps of what was chosen. */
export function storyView(does: {
  choose(id: string): void;
  next(): void;
  all(): void;
  again(): void;
}): StoryView {
  const pick = choice(
    "Scenario",
    { "": "Play freely", ...Object.fromEntries(SCENARIOS.map(({ id, title }) => [id, title])) },
    does.choose,
  );
  const about = h("p", { class: "about" });
  const requirements = h("p", { class: "shows" });
  const steps = h("ol", { class: "steps" });
  const end = h("ul", { class: "end" });
  const next = button("Next step", does.next);
  next.classList.add("main");
  const all = button("Play to the end", does.all);
  const again = button("Begin anew", does.again);
  const element = h(
    "section",
    { class: "story", "aria-labelledby": "story-title" },
    h("h2", { id: "story-title" }, "Story"),
    h("div", { class: "chooser" }, pick.element),
    about,
    steps,
    end,
    h("div", { class: "buttons" }, next, all, again),
    requirements,
  );
  let shown: Scenario | undefined | null = null;
  const tell = (scenario: Scenario | undefined): void => {
    pick.set(scenario?.id ?? "");
    setText(
      about,
      scenario?.about ??
        "Add an entry on a device, then cut a network, lose an answer, kill a tab, set a clock wrong, end a token, restore an old backup. Or choose a scenario.",
    );
    steps.replaceChildren(...(scenario?.steps ?? []).map(({ say }) => h("li", {}, say)));
    end.replaceChildren(
      ...(scenario?.end ?? []).map(({ say }) => h("li", {}, h("span", { class: "held" }), say)),
    );
    requirements.replaceChildren(...(scenario ? ["Shows ", requirementLinks(scenario.requirements)] : []));
    steps.hidden = requirements.hidden = next.hidden = all.hidden = scenario === undefined;
  };
  return {
    element,
    draw(world, scenario, done, running) {
      if (shown !== scenario) tell(scenario);
      shown = scenario;
      const over = done === scenario?.steps.length && !running;
      end.hidden = !over;
      if (!scenario) return;
      for (const [at, line] of [...steps.children].entries()) {
        line.className =
          at < done - 1 || (at === done - 1 && !running) ? "past" : at === done - 1 ? "present" : "future";
        if (at === done - 1) line.setAttribute("aria-current", "step");
        else line.removeAttribute("aria-current");
      }
      next.disabled = all.disabled = done === scenario.steps.length;
      if (!over) return;
      for (const [at, { holds }] of scenario.end.entries()) {
        const line = end.children[at] as HTMLElement;
        const held = holds(world);
        line.className = held ? "holds" : "fails";
        setText(line.firstElementChild as HTMLElement, held ? "As it has to be: " : "Not so: ");
      }
    },
  };
}
