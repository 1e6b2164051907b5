// What is bound to `$1…$n` and what comes back in a column, between the Database port's values and the driver's.

import { types } from "pg";

import type { SqlValue } from "#app/ports/database.ts";

/** PostgreSQL's numbers of the types that the driver would give otherwise (`pg_type.oid`); the array's beside its element's. */
const OID = {
  int8: 20, int8Array: 1016,
  textArray: 1009,
  numericArray: 1231,
  date: 1082, dateArray: 1182,
  timestamp: 1114, timestampArray: 1115,
  timestamptz: 1184, timestamptzArray: 1185,
} as const;

type Parse = (text: string) => unknown;

/** The driver's reader of a text array: nulls stay null, everything else is its text. */
const textsOf = types.getTypeParser(OID.textArray as number, "text") as (text: string) => (string | null)[];
const driversTimestamptz = types.getTypeParser(types.builtins.TIMESTAMPTZ) as (text: string) => unknown;

const PARSERS: ReadonlyMap<number, Parse> = new Map<number, Parse>([
  [OID.int8, BigInt],
  [OID.int8Array, arrayOf(BigInt)],
  // Exact, as a single numeric is: the driver makes floats of an array's.
  [OID.numericArray, textsOf],
  [OID.date, dayOf],
  [OID.dateArray, arrayOf(dayOf)],
  // Without a zone: UTC, not the zone of the machine that reads.
  [OID.timestamp, (text) => momentOf(`${text}+00`)],
  [OID.timestampArray, arrayOf((text) => momentOf(`${text}+00`))],
  [OID.timestamptz, momentOf],
  [OID.timestamptzArray, arrayOf(momentOf)],
]);

/** For a connection's `types`: only text comes over the wire, so the format is not asked for. */
export const COLUMN_TYPES = {
  getTypeParser: ((oid: number) => PARSERS.get(oid) ?? types.getTypeParser(oid, "text")) as typeof types.getTypeParser,
};

function arrayOf(parse: Parse): Parse {
  return (text) => textsOf(text).map((element) => (element === null ? null : parse(element)));
}

/** `2026-11-22 17:00:00.123456+00`: length up to the seconds. */
const SECONDS_END = 19;

/**
 * To the millisecond, cut, not rounded. Common years in a session that speaks UTC need no pattern; the rest (other zones, years before
 * Christ or above 9999) is the driver's. `infinity` is no moment: an invalid date, as Prisma gives it.
 */
function momentOf(text: string): Date {
  if (text.endsWith("+00") && text.charAt(4) === "-" && !text.includes("BC")) {
    return new Date(`${text.slice(0, 10)}T${text.slice(11, SECONDS_END)}${text.slice(SECONDS_END, -3).slice(0, 4)}Z`);
  }
  const moment = driversTimestamptz(text);
  return moment instanceof Date ? moment : new Date(NaN);
}

/** The day's first moment in UTC. */
function dayOf(text: string): Date {
  return momentOf(`${text} 00:00:00+00`);
}

/** As the driver is to send it: moments in UTC whatever the zone of this machine, whatever the column keeps of them. */
export function boundValues(values: readonly SqlValue[]): unknown[] {
  return values.map((value) => {
    if (value instanceof Date) return momentText(value);
    return Array.isArray(value) && value.some((element) => element instanceof Date) ? value.map((element: unknown) => (element instanceof Date ? momentText(element) : element)) : value;
  });
}

/** A date that is none throws a RangeError: a fault of the content. */
function momentText(moment: Date): string {
  const text = moment.toISOString();
  // Years above 9999 have six digits and a sign there, which PostgreSQL does not read.
  return text.startsWith("+") ? text.replace(/^\+0*/, "") : text;
}
