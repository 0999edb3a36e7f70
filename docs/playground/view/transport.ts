import { h } from "../../../reference-client/inspector/dom.ts";
import { instant } from "../../../reference-client/inspector/words.ts";
import type { World } from "../world/world.ts";
import { button, choice, setText } from "./controls.ts";

/** World's milliseconds for each of the reader's. */
const SPEEDS = { "0.25": "a quarter", "0.5": "half", "1": "as it is", "4": "four times", "20": "a blink" };

/** How time passes: stops it, steps through it, says how fast. */
export function transport(does: { pause(): void; step(): void; speed(factor: number): void; link(): void }): {
  readonly element: HTMLElement;
  draw(world: World, paused: boolean): void;
  /** Says that the link was copied, or shows what went wrong. */
  told(words: string): void;
} {
  const pause = button("Pause", does.pause);
  const speed = choice("Speed", SPEEDS, (value) => does.speed(Number(value)));
  speed.set("0.5");
  const clock = h("output", { class: "now", "aria-label": "The world’s time" });
  const state = h("span", { class: "state" });
  const told = h("span", { class: "told", role: "status" });
  return {
    element: h(
      "div",
      { class: "transport", role: "group", "aria-label": "Time" },
      pause,
      button("Step", does.step, "Step: on to what happens next"),
      speed.element,
      clock,
      state,
      h("span", { class: "space" }),
      told,
      button("Copy link", does.link),
    ),
    draw(world, paused) {
      setText(pause, paused ? "Go on" : "Pause");
      setText(clock, instant(world.time.now, world.time.now).slice(0, -2));
      setText(
        state,
        paused ? "paused" : world.soon === undefined ? "resting: nothing is under way" : "running",
      );
    },
    told: (words) => setText(told, words),
  };
}
