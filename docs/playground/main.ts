import { h } from "../../reference-client/inspector/dom.ts";
import { scenarioOf } from "./scenarios/index.ts";
import type { Scenario } from "./scenarios/story.ts";
import { diagram, spoken } from "./view/diagram.ts";
import { deviceCard } from "./view/device-card.ts";
import { serverCard } from "./view/server-card.ts";
import { storyView } from "./view/story.ts";
import { transport } from "./view/transport.ts";
import { type Action, decode, encode, type Recording } from "./world/actions.ts";
import { World } from "./world/world.ts";

/** How much faster a silence passes that a story has to sit through. */
const THROUGH_SILENCE = 20;
/** The longest time between two pictures that is caught up with: a page that was hidden does not race. Milliseconds. */
const LONGEST_FRAME = 100;
/** What happens is said together, so often at most. Milliseconds. */
const SPEECH_PAUSE = 700;
const MOST_SPEECHES = 20;

/** The page: a world, what is shown of it, and how its time passes. */
class Playground {
  #world: World;
  #scenario: Scenario | undefined;
  /** How many steps of the scenario have begun. */
  #steps: number;
  /** Until when the present step is watched. */
  #watched: number | undefined;
  #toTheEnd = false;
  #paused = false;
  /** A step is about to begin: no time passes until it has. */
  #beginning = false;
  #speed = 0.5;
  #spoken = 0;
  readonly #story = storyView({
    choose: (id) => this.#begin(scenarioOf(id)),
    next: () => void this.#nextStep(),
    all: () => {
      this.#toTheEnd = true;
      this.#paused = false;
      if (this.#watched === undefined) void this.#nextStep();
    },
    again: () => this.#begin(this.#scenario),
  });
  readonly #transport = transport({
    pause: () => {
      this.#paused = !this.#paused;
      this.#draw();
    },
    step: () => void this.#step(),
    speed: (factor) => void (this.#speed = factor),
    link: () => void this.#copyLink(),
  });
  readonly #diagram = diagram();
  readonly #cards = [
    deviceCard("phone", (action) => void this.#act(action)),
    deviceCard("laptop", (action) => void this.#act(action)),
    serverCard((action) => void this.#act(action)),
  ];
  readonly #speech = h("div", { class: "unseen", role: "log", "aria-label": "What happens" });
  #speaking = false;

  constructor(element: HTMLElement, world: World, { scenario, done }: Partial<Recording>) {
    this.#world = world;
    this.#scenario = scenarioOf(scenario);
    this.#steps = this.#scenario ? stepsIn(this.#scenario, done ?? []) : 0;
    this.#spoken = world.trace.moments.length;
    element.replaceChildren(
      this.#story.element,
      h("div", { class: "stage" }, this.#transport.element, this.#diagram.element),
      h("div", { class: "cards" }, ...this.#cards.map((card) => card.element)),
      this.#speech,
    );
    this.#draw();
    void this.#run();
  }

  async #run(): Promise<void> {
    for (let before = await nextFrame(); ;) {
      const now = await nextFrame();
      const passed = Math.min(LONGEST_FRAME, now - before) * this.#speed;
      before = now;
      if (this.#paused || this.#beginning) continue;
      const { time, soon } = this.#world;
      if (this.#watched === undefined && soon === undefined) continue;
      const pace = soon === undefined ? THROUGH_SILENCE : 1;
      await this.#world.runTo(Math.min(time.now + Math.max(1, passed * pace), this.#watched ?? Infinity));
      if (this.#watched !== undefined && this.#world.time.now >= this.#watched) this.#watchedToTheEnd();
      this.#draw();
    }
  }

  /** Shows another world, for a scenario or for whatever the reader does. */
  #begin(scenario: Scenario | undefined, recording?: Recording): void {
    void (async () => {
      const world = await (recording ? World.of(recording) : World.begin());
      this.#world.close();
      this.#world = world;
      this.#scenario = scenario;
      this.#steps = scenario ? stepsIn(scenario, recording?.done ?? []) : 0;
      this.#watched = undefined;
      this.#toTheEnd = false;
      this.#paused = false;
      this.#spoken = world.trace.moments.length;
      this.#keepAddress();
      this.#draw();
    })();
  }

  /** What the address tells, if it is another than what is shown. */
  follow(hash: string): void {
    const recording = decode(hash);
    if (recording && hash.replace(/^#/, "") !== this.#link())
      this.#begin(scenarioOf(recording.scenario), recording);
  }

  async #nextStep(): Promise<void> {
    const step = this.#scenario?.steps[this.#steps];
    if (!step || this.#beginning) return;
    this.#beginning = true;
    // What is left of the step before is not watched any more, but happens.
    if (this.#watched !== undefined) await this.#world.runTo(this.#watched);
    this.#steps += 1;
    this.#paused = false;
    await this.#world.act(...step.actions);
    this.#watched = this.#world.time.now + step.watch;
    this.#beginning = false;
    this.#keepAddress();
    this.#draw();
  }

  #watchedToTheEnd(): void {
    this.#watched = undefined;
    this.#keepAddress();
    if (this.#toTheEnd && this.#steps < (this.#scenario?.steps.length ?? 0)) void this.#nextStep();
    else this.#toTheEnd = false;
  }

  async #step(): Promise<void> {
    this.#paused = true;
    await this.#world.step();
    if (this.#watched !== undefined && this.#world.time.now >= this.#watched) this.#watchedToTheEnd();
    this.#keepAddress();
    this.#draw();
  }

  async #act(action: Action): Promise<void> {
    await this.#world.act(action);
    this.#keepAddress();
    this.#draw();
  }

  #link(): string {
    return encode(this.#world.recording(this.#scenario?.id));
  }

  /** The address always leads back to what was done so far; to this very moment, too, once it is copied. */
  #keepAddress(): void {
    history.replaceState(null, "", `#${this.#link()}`);
  }

  async #copyLink(): Promise<void> {
    this.#paused = true;
    this.#keepAddress();
    this.#draw();
    try {
      await navigator.clipboard.writeText(location.href);
      this.#transport.told("Copied: this very moment.");
    } catch {
      this.#transport.told("The address above leads to this moment.");
    }
  }

  #draw(): void {
    const world = this.#world;
    this.#story.draw(world, this.#scenario, this.#steps, this.#beginning || this.#watched !== undefined);
    this.#transport.draw(world, this.#paused);
    for (const card of this.#cards) card.draw(world);
    this.#diagram.draw(world);
    if (this.#spoken < world.trace.moments.length) this.#speakSoon();
  }

  #speakSoon(): void {
    if (this.#speaking) return;
    this.#speaking = true;
    setTimeout(() => this.#speak(), SPEECH_PAUSE);
  }

  #speak(): void {
    this.#speaking = false;
    const { moments } = this.#world.trace;
    const words = spoken(moments.slice(this.#spoken));
    this.#spoken = moments.length;
    if (words === "") return;
    this.#speech.appendChild(h("p", {}, words));
    if (this.#speech.childElementCount > MOST_SPEECHES) this.#speech.firstElementChild!.remove();
  }
}

/** How many steps of a scenario begin with what was done. */
function stepsIn({ steps }: Scenario, done: Recording["done"]): number {
  let at = 0;
  let count = 0;
  for (const { actions } of steps) {
    const begun = actions.every(
      (action, index) => JSON.stringify(action) === JSON.stringify(done[at + index]?.action),
    );
    if (!begun || at >= done.length) break;
    at += actions.length;
    count += 1;
  }
  return count;
}

function nextFrame(): Promise<number> {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}

async function begin(): Promise<void> {
  const place = document.getElementById("playground")!;
  const recording = decode(location.hash);
  const world = await (recording ? World.of(recording) : World.begin());
  const playground = new Playground(place, world, recording ?? {});
  addEventListener("hashchange", () => playground.follow(location.hash));
}

void begin();
