import type { Bill, CostResult, Demand, Priced } from "./cost.ts";
import { round } from "./cost.ts";
import type { Counts } from "./counts.ts";

const NAMES: Record<Priced, string> = {
  workerRequests: "Worker, requests",
  workerCpuMs: "Worker, CPU time",
  objectRequests: "Durable Objects, requests",
  objectGbSeconds: "Durable Objects, duration",
  objectRowsRead: "Durable Objects, rows read",
  objectRowsWritten: "Durable Objects, rows written",
  objectStorageGb: "Durable Objects, storage",
  d1RowsRead: "D1, rows read",
  d1RowsWritten: "D1, rows written",
  d1StorageGb: "D1, storage",
};

const OPERATIONS: Record<keyof CostResult["counted"]["operations"], string> = {
  push1: "push of 1 item",
  push50: "push of 50 items",
  push500: "push of 500 items",
  pullNothing: "pull, nothing new",
  pull10: "pull of 10 changes",
  openSocket: "socket opened",
  catchUpNothing: "catch-up on it, nothing new",
  mutation: "change sent on a socket, one other device told",
  ping: "PING",
};

const COLUMNS: [keyof Counts, string][] = [
  ["workerRequests", "Worker requests"],
  ["objectRequests", "object requests"],
  ["messagesIn", "messages in"],
  ["d1Calls", "D1 calls"],
  ["d1Statements", "statements"],
  ["d1RowsRead", "rows read"],
  ["d1RowsWritten", "rows written"],
  ["objectRowsWritten", "object rows written"],
];

const dollars = (value: number): string =>
  `$${value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

/** The result as Markdown, formulas shown. */
export function renderCost(result: CostResult): string {
  const { counted, perUser, bills, prices, usage, assumed } = result;
  return [
    "# What it costs on Cloudflare",
    "",
    "Made by `npm run bench:cost`; not edited by hand. What is asked of the platform was counted in workerd, from what D1 itself says of each statement. Prices and limits are inputs with a date, and so are the assumptions on users and on Cloudflare's network: `bench/cost/inputs.ts`.",
    "",
    "## Bills",
    "",
    row(["users", ...bills.map(({ users }) => users.toLocaleString("en"))]),
    rule(bills.length + 1),
    ...(Object.keys(NAMES) as Priced[]).map((what) =>
      row([
        NAMES[what],
        ...bills.map(({ lines }) => dollars(lines.find((line) => line.what === what)!.dollars)),
      ]),
    ),
    row(["Subscription", ...bills.map(() => dollars(prices.subscription))]),
    row(["**a month**", ...bills.map((bill) => `**${dollars(bill.dollars)}**`)]),
    row(["a user and month", ...bills.map((bill) => `$${(bill.dollars / bill.users).toPrecision(2)}`)]),
    "",
    "## One user's month",
    "",
    row(["", "quantity", "formula", "beyond what is included"]),
    rule(4),
    ...(Object.keys(NAMES) as Priced[]).map((what) => {
      const { unit, included, per, dollars: price } = prices[what];
      const rate = `$${price} for ${per === 1 ? `a ${unit}` : `${round(per)} ${unit}`}, ${round(included)} included`;
      return row([NAMES[what], `${round(perUser[what].quantity)} ${unit}`, perUser[what].formula, rate]);
    }),
    "",
    "A bill is, line by line, `max(0, users × quantity − included) / per × price`, and the subscription.",
    "",
    "## Limits",
    "",
    ...bills.flatMap(limitsOf),
    "## What was counted",
    "",
    row(["for one", ...COLUMNS.map(([, title]) => title)]),
    rule(COLUMNS.length + 1),
    ...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[]).map((name) =>
      row([OPERATIONS[name], ...COLUMNS.map(([count]) => round(counted.operations[name][count]))]),
    ),
    "",
    `- An entity of about 470 bytes of JSON takes ${round(counted.bytesPerEntity)} bytes of D1, indexes included; the record of a push ${round(counted.bytesPerRecord)} bytes, for a day.`,
    `- An idle socket wakes its object ${round(counted.wakesPerIdleHour)} times an hour, to see whether it is still there. PING is answered without waking it, which costs nothing.`,
    "",
    "## Assumptions",
    "",
    row(["", "value"]),
    rule(2),
    ...[...Object.values(usage), ...Object.values(assumed)].map(({ says, value }) =>
      row([says, String(value)]),
    ),
    "",
    `Prices and limits as of ${prices.asOf}:`,
    "",
    ...prices.sources.map((source) => `- <${source}>`),
    "",
  ].join("\n");
}

function limitsOf({ users, demands }: Bill): string[] {
  const [tightest] = demands;
  const { says, remedy } = tightest!;
  const first = beyond(tightest!)
    ? `beyond the limit first: ${says}. Then: ${remedy}.`
    : `within all of them; nearest is: ${says}.`;
  return [
    `### ${users.toLocaleString("en")} users`,
    "",
    `${first[0]!.toUpperCase()}${first.slice(1)}`,
    "",
    row(["", "needed", "limit", "used", "beyond it"]),
    rule(5),
    ...demands.map((demand) =>
      row([
        demand.says,
        round(demand.quantity),
        round(demand.limit),
        `${round((100 * demand.quantity) / demand.limit)} %`,
        beyond(demand) ? demand.remedy : "",
      ]),
    ),
    "",
  ];
}

const beyond = ({ quantity, limit }: Demand): boolean => quantity > limit;
const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const rule = (columns: number): string => row(Array.from({ length: columns }, () => "---"));
