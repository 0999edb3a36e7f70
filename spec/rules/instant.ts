const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z, in Unix ms. */
const LEAST = -62_135_596_800_000;
const GREATEST = 253_402_300_799_999;

/**
 * Reads an instant: an RFC 3339 date-time with any offset, or an integer number of Unix milliseconds.
 * Digits of a fraction beyond the third are cut off, never rounded. (Spec: data, "Instants".)
 *
 * @returns Unix milliseconds; undefined for anything else, including days that do not exist, second 60 and
 * instants outside the years 0001–9999 (in UTC).
 */
export function parseInstant(value: unknown): number | undefined {
  const ms = typeof value === "number" ? value : typeof value === "string" ? parseText(value) : undefined;
  return ms !== undefined && Number.isInteger(ms) && ms >= LEAST && ms <= GREATEST ? ms : undefined;
}

/** The one form in which servers tell instants: `YYYY-MM-DDTHH:mm:ss.sssZ`. `ms` must lie within the years 0001–9999. */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString();
}

function parseText(text: string): number | undefined {
  const match = RFC_3339.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const offsetHour = Number(match[9] ?? 0);
  const offsetMinute = Number(match[10] ?? 0);
  if (hour > 23 || minute > 59 || second > 59 || offsetHour > 23 || offsetMinute > 59) return undefined;

  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A day that does not exist (30 February) rolls over into another month.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute, second, Number((match[7] ?? "").slice(0, 3).padEnd(3, "0")));

  const offset = (offsetHour * 60 + offsetMinute) * 60_000;
  return date.getTime() - (match[8] === "-" ? -offset : offset);
}
