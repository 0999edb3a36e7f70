import type { TabMessage } from "../../ports/tabs.ts";
import { browserSurroundings } from "./surroundings.ts";
import { browserTabs } from "./tabs.ts";

/* Runs inside Chromium: see browser.browser.test.ts. */

const page = {
  leads: false,
  heard: [] as TabMessage[],
  nudges: 0,
};

const tabs = browserTabs()("alice");
tabs.listen((message) => page.heard.push(message));
const stop = browserSurroundings.listen(() => page.nudges++);

Object.assign(globalThis, {
  tab: page,
  tabs,
  surroundings: browserSurroundings,
  campaign: () => tabs.campaign(() => (page.leads = true)),
  stop,
});
