import { html } from "../reporters/html/markup.ts";
import type { Markup } from "../reporters/html/markup.ts";
import { withUnit } from "./figures.ts";
import type { Measurement, Workload } from "./result.ts";

const [WIDTH, NAMES, FIGURES, ROW, BAR] = [720, 190, 130, 30, 14];

/** One bar for each subject, from zero, with a line from the least to the greatest of its repetitions. Without script; words beside it say the same. */
export function bars(
  workload: Workload,
  measurements: readonly Measurement[],
  nameOf: (subject: string) => string,
): Markup {
  const greatest = Math.max(...measurements.map(({ max }) => max), Number.MIN_VALUE);
  const room = WIDTH - NAMES - FIGURES;
  const x = (value: number): number => Math.round((NAMES + (Math.max(0, value) / greatest) * room) * 10) / 10;
  const height = measurements.length * ROW + 4;
  return html`<svg
    viewBox="0 0 ${WIDTH} ${height}"
    role="img"
    aria-label="${workload.title}, ${workload.unit}"
  >
    ${measurements.map(({ subject, median, min, max }, index) => {
      const middle = index * ROW + ROW / 2;
      return html`<g>
        <text class="name" x="${NAMES - 10}" y="${middle + 4}">${nameOf(subject)}</text>
        <rect
          class="${subject === workload.baseline ? "bar raw" : "bar"}"
          x="${NAMES}"
          y="${middle - BAR / 2}"
          width="${Math.max(1, x(median) - NAMES).toFixed(1)}"
          height="${BAR}"
          rx="2"
        />
        <path
          class="extent"
          d="M${x(min)} ${middle} H${x(max)} M${x(min)} ${middle - 5} v10 M${x(max)} ${middle - 5} v10"
        />
        <text class="figure" x="${WIDTH - FIGURES + 12}" y="${middle + 4}"
          >${withUnit(median, workload.unit)}</text
        >
      </g>`;
    })}
  </svg>`;
}
