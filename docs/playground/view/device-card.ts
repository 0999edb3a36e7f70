import { h } from "../../../reference-client/inspector/dom.ts";
import { mountInspector } from "../../../reference-client/inspector/index.ts";
import { instant, span } from "../../../reference-client/inspector/words.ts";
import { type Action, type FaultName, FAULTS } from "../world/actions.ts";
import type { App, Device } from "../world/device.ts";
import { type Network, NETWORKS } from "../world/link.ts";
import type { DeviceName } from "../world/trace.ts";
import type { World } from "../world/world.ts";
import { button, choice, field, setText } from "./controls.ts";
import { entries, entriesOf } from "./entries.ts";

const CLOCKS = { "0": "right", "120000": "2 min ahead", "3600000": "1 h ahead", "-86400000": "1 day behind" };
const NETWORK_WORDS: Record<Network, string> = {
  fast: "good",
  slow: "slow",
  silent: "swallows everything",
  cut: "cut",
};

export interface Card {
  readonly element: HTMLElement;
  draw(world: World): void;
}

/** One device: what its user sees and does, what can happen to it, and its inspector. */
export function deviceCard(name: DeviceName, act: (action: Action) => void): Card {
  const state = h("p", { class: "status" });
  const problem = h("p", { class: "problem" });
  const list = entries(name, act);
  const empty = h("p", { class: "none" }, "Nothing written yet.");
  const app = h("div", { class: "app" }, list.element, empty, adding(name, act));
  const closed = h(
    "p",
    { class: "none closed" },
    "No tab is open. What was written is still stored on this device.",
  );
  const network = choice(
    "Network",
    Object.fromEntries(NETWORKS.map((each) => [each, NETWORK_WORDS[each]])),
    (value) => act({ do: "network", device: name, network: value as Network }),
  );
  const clock = choice("Clock", CLOCKS, (value) => act({ do: "clock", device: name, ahead: Number(value) }));
  const next = choice("Next request", { "": "nothing special", ...FAULTS }, (value) => {
    if (value !== "") act({ do: "fault", device: name, fault: value as FaultName });
  });
  const tab = button("", () => act({ do: tab.dataset["does"] as "kill" | "open", device: name }));
  const token = button("", () => act({ do: token.dataset["does"] as "expire" | "sign-in", device: name }));
  const inspector = h("div");
  const wide = matchMedia("(min-width: 64rem)").matches;
  const element = h(
    "section",
    { class: `card device ${name}`, "aria-labelledby": `${name}-title` },
    h("h2", { id: `${name}-title` }, name === "phone" ? "Phone" : "Laptop"),
    state,
    problem,
    app,
    closed,
    h(
      "details",
      { open: wide },
      h("summary", {}, "What happens to it"),
      h(
        "div",
        { class: "happenings" },
        network.element,
        clock.element,
        next.element,
        h("div", { class: "buttons" }, tab, token),
      ),
    ),
    h("details", { open: wide }, h("summary", {}, "Inspector"), inspector),
  );

  let inspected: App | undefined;
  let unmount = (): void => {};
  const inspect = (now: App | undefined): void => {
    if (inspected === now) return;
    unmount();
    unmount = now ? mountInspector(now.client, inspector, now.probe) : () => {};
    if (!now) inspector.replaceChildren();
    inspected = now;
  };

  return {
    element,
    draw(world) {
      const device = world.devices[name];
      inspect(device.app);
      setText(state, statusOf(device));
      state.dataset["status"] = device.app?.client.status ?? "closed";
      setText(problem, device.problem ?? "");
      problem.hidden = !device.problem;
      app.hidden = !device.app;
      closed.hidden = device.app !== undefined;
      network.set(device.link.network);
      clock.set(String(device.ahead));
      next.set("");
      label(tab, device.app ? "kill" : "open", device.app ? "Kill the tab" : "Open the app");
      label(token, device.signedIn ? "expire" : "sign-in", device.signedIn ? "End the token" : "Sign in");
      const written = entriesOf(device);
      list.draw(written);
      empty.hidden = written.length > 0;
    },
  };
}

function adding(name: DeviceName, act: (action: Action) => void): HTMLElement {
  const text = field("What was practised, or is to be", "");
  text.input.placeholder = name === "phone" ? "Scales in thirds" : "Sight-reading";
  text.input.required = true;
  const minutes = field("Minutes", "30", "number");
  const add = h("button", {}, "Add entry");
  const goal = h("button", { value: "goal", class: "plain" }, "Add goal");
  const form = h(
    "form",
    { class: "add" },
    text.element,
    minutes.element,
    h("div", { class: "buttons" }, add, goal),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const kind = event.submitter === goal ? "goal" : "entry";
    act({
      do: "add",
      device: name,
      kind,
      text: text.input.value.trim(),
      minutes: Number(minutes.input.value),
    });
    text.input.value = "";
    text.input.focus();
  });
  return form;
}

function statusOf({ app, ahead, now }: Device): string {
  if (!app) return "closed";
  const { status, pendingCount, nextAttemptAt } = app.client;
  const waits = pendingCount > 0 ? `, ${pendingCount} waiting` : "";
  const again =
    nextAttemptAt !== null && nextAttemptAt > now ? `, tries again in ${span(nextAttemptAt - now)}` : "";
  const skew = ahead === 0 ? "" : `, clock shows ${instant(now, now).slice(0, 5)}`;
  return `${status}${waits}${again}${skew}`;
}

function label(made: HTMLElement, does: string, words: string): void {
  made.dataset["does"] = does;
  setText(made, words);
}
