/** A figure as it is shown: three digits that mean something, more where it has more before the point. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}

export function ratioFigure(value: number): string {
  return `${value >= 10 ? value.toFixed(0) : value.toFixed(2)} ×`;
}

const MIB = 1024 ** 2;

/** Bytes are shown as KiB or MiB. */
export function withUnit(value: number, unit: string): string {
  if (unit !== "bytes") return `${figure(value)} ${unit}`;
  return Math.abs(value) >= MIB ? `${figure(value / MIB)} MiB` : `${figure(value / 1024)} KiB`;
}
