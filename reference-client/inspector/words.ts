/** Time of day with milliseconds, and the day where it is another than that of `now`. All in UTC, as stamps are. */
export function instant(unixMs: number, now: number): string {
  const [day, time] = new Date(unixMs).toISOString().slice(0, -1).split("T") as [string, string];
  return day === new Date(now).toISOString().slice(0, 10) ? time : `${day} ${time}`;
}

/** A span in the unit that it is easily read in, with its sign if asked for. */
export function span(milliseconds: number, { signed = false } = {}): string {
  const size = Math.abs(milliseconds);
  const sign = milliseconds < 0 ? "−" : signed && milliseconds > 0 ? "+" : "";
  const rounded = (value: number): string => String(Math.round(value * 10) / 10);
  if (size < 1_000) return `${sign}${Math.round(size)} ms`;
  if (size < 60_000) return `${sign}${rounded(size / 1_000)} s`;
  if (size < 3_600_000) return `${sign}${rounded(size / 60_000)} min`;
  if (size < 86_400_000) return `${sign}${rounded(size / 3_600_000)} h`;
  return `${sign}${rounded(size / 86_400_000)} d`;
}

/** The beginning of what is long and opaque. */
export function short(text: string, length = 10): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
