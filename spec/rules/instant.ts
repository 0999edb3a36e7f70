/** 0001-01-01T00:00:00.000Z in Unix milliseconds. */
const EARLIEST = -62_135_596_800_000;
/** 9999-12-31T23:59:59.999Z in Unix milliseconds. */
const LATEST = 253_402_300_799_999;

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * The instant that a value of an item denotes, in Unix milliseconds, or undefined if it denotes none.
 *
 * Accepts RFC 3339 text with any offset (the fraction cut off after the millisecond, never rounded) and integer Unix
 * milliseconds. Refused: a day that does not exist, hour 24, second 60, a space in the place of `T`, year 0000, and
 * whatever lies outside 0001-01-01T00:00:00.000Z … 9999-12-31T23:59:59.999Z.
 *
 * Source: RFC 3339 section 5.6; spec/data.md, "Instants" (DATA-013, DATA-014), ORD-002, ORD-003.
 */
export function parseInstant(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? inRange(value) : undefined;
  if (typeof value !== "string") return undefined;
  const match = DATE_TIME.exec(value);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const [sign, offsetHour, offsetMinute] = [match[8], Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (offsetHour > 23 || offsetMinute > 59) return undefined;

  const millisecond = Number((match[7] ?? "").slice(0, 3).padEnd(3, "0"));
  const local = unixDay(year, month, day) * 86_400_000 + ((hour * 60 + minute) * 60 + second) * 1000;
  const ahead = (offsetHour * 60 + offsetMinute) * 60_000;
  return inRange(local + millisecond + (sign === "-" ? ahead : -ahead));
}

/**
 * The canonical text of an instant: `YYYY-MM-DDTHH:mm:ss.sssZ`.
 *
 * Takes Unix milliseconds in the range of {@link parseInstant}; throws a RangeError on any other number.
 *
 * Source: spec/data.md, DATA-015.
 */
export function formatInstant(unixMs: number): string {
  if (!Number.isInteger(unixMs) || inRange(unixMs) === undefined) {
    throw new RangeError(
      `${unixMs} is not an instant: give whole Unix milliseconds from ${EARLIEST} to ${LATEST}`,
    );
  }
  return new Date(unixMs).toISOString();
}

function inRange(unixMs: number): number | undefined {
  // Adding 0 turns -0 into 0: one instant has one number.
  return unixMs >= EARLIEST && unixMs <= LATEST ? unixMs + 0 : undefined;
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/** Days since 1970-01-01 in the proleptic Gregorian calendar. `Date.UTC` is no help: it takes the years 0 to 99 for 1900 to 1999. */
function unixDay(year: number, month: number, day: number): number {
  const past = year - 1;
  const leapDays = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
  const thisLeapDay = month > 2 && isLeap(year) ? 1 : 0;
  return past * 365 + leapDays + DAYS_BEFORE_MONTH[month - 1]! + thisLeapDay + day - 1 - 719_162;
}
