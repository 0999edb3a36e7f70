import { DEVICES, type DeviceName } from "./trace.ts";
import { type Network, NETWORKS } from "./link.ts";

/** The faults of requests that can be asked for: names of the simulator's catalogue, and the call that they hit. */
export const FAULTS = {
  "lose-answer push": "lose the answer to a push",
  "lose-request push": "lose a push on its way",
  "duplicate push": "deliver a push twice",
  "503 push": "answer a push with 503",
  "429 push": "answer a push with 429",
  "html push": "answer a push with a portal’s page",
  "lose-answer pull": "lose the answer to a pull",
  "410 pull": "answer a pull with 410",
} as const;
export type FaultName = keyof typeof FAULTS;

/** Something that the user of the page does. */
export type Action =
  | { do: "add"; device: DeviceName; kind: "entry" | "goal"; text: string; minutes: number }
  | { do: "edit"; device: DeviceName; id: string; text: string; minutes: number }
  | { do: "delete" | "retry" | "discard"; device: DeviceName; id: string }
  | { do: "network"; device: DeviceName; network: Network }
  | { do: "fault"; device: DeviceName; fault: FaultName }
  | { do: "clock"; device: DeviceName; ahead: number }
  | { do: "kill" | "open" | "expire" | "sign-in"; device: DeviceName }
  | { do: "restart" | "backup" | "restore" };

/** An action, and when it is done: milliseconds after the beginning. */
export interface Timed {
  at: number;
  action: Action;
}

/** A world as a link tells it: what was done when, and the moment that is shown. */
export interface Recording {
  scenario?: string | undefined;
  done: Timed[];
  until: number;
}

const VERSION = "1";

/** As the part of an address after `#`: short, and to be read by people. */
export function encode({ scenario = "", done, until }: Recording): string {
  let before = 0;
  const actions = done.map(({ at, action }) => {
    const after = at - before;
    before = at;
    return [String(after), ...wordsOf(action)].map(field).join(".");
  });
  return [VERSION, field(scenario), String(until), ...actions].join("~");
}

/** Undefined for what `encode` did not make. */
export function decode(text: string): Recording | undefined {
  const [version, scenario, until, ...actions] = text.replace(/^#/, "").split("~");
  if (version !== VERSION || !isTime(until)) return undefined;
  let at = 0;
  const done: Timed[] = [];
  for (const one of actions) {
    const [after, ...words] = one.split(".").map(unfield);
    const action = isTime(after) ? actionOf(words) : undefined;
    if (!action) return undefined;
    done.push({ at: (at += Number(after)), action });
  }
  return { ...(scenario && { scenario: unfield(scenario) }), done, until: Math.max(at, Number(until)) };
}

/** No link makes the page work for longer than this: two days of the world's. */
const LONGEST = 172_800_000;

function isTime(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,9}$/.test(text) && Number(text) <= LONGEST;
}

function wordsOf(action: Action): string[] {
  switch (action.do) {
    case "add":
      return ["add", action.device, action.kind, action.text, String(action.minutes)];
    case "edit":
      return ["edit", action.device, action.id, action.text, String(action.minutes)];
    case "delete":
    case "retry":
    case "discard":
      return [action.do, action.device, action.id];
    case "network":
      return ["network", action.device, action.network];
    case "fault":
      return ["fault", action.device, action.fault];
    case "clock":
      return ["clock", action.device, String(action.ahead)];
    case "kill":
    case "open":
    case "expire":
    case "sign-in":
      return [action.do, action.device];
    default:
      return [action.do];
  }
}

function actionOf([what, where, ...rest]: readonly string[]): Action | undefined {
  if (what === "restart" || what === "backup" || what === "restore") return { do: what };
  const device = DEVICES.find((name) => name === where);
  if (!device) return undefined;
  const [first = "", second = "", third = ""] = rest;
  const number = Number(what === "clock" ? first : third);
  if (!Number.isFinite(number)) return undefined;
  switch (what) {
    case "add":
      return first === "entry" || first === "goal"
        ? { do: what, device, kind: first, text: second, minutes: number }
        : undefined;
    case "edit":
      return { do: what, device, id: first, text: second, minutes: number };
    case "delete":
    case "retry":
    case "discard":
      return { do: what, device, id: first };
    case "network": {
      const network = NETWORKS.find((name) => name === first);
      return network && { do: what, device, network };
    }
    case "fault":
      return Object.hasOwn(FAULTS, first) ? { do: what, device, fault: first as FaultName } : undefined;
    case "clock":
      return { do: what, device, ahead: number };
    case "kill":
    case "open":
    case "expire":
    case "sign-in":
      return { do: what, device };
    default:
      return undefined;
  }
}

function field(text: string): string {
  return encodeURIComponent(text).replaceAll(".", "%2E").replaceAll("~", "%7E").replaceAll("%20", "+");
}

function unfield(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", "%20"));
  } catch {
    return "";
  }
}
