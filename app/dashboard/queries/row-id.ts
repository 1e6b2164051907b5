// Reads one of our own row ids from an address. Pure.

/** PostgreSQL's bigint. */
const ROW_ID_MAX = 9_223_372_036_854_775_807n;

/** Null when the text is no row id; the page then answers as for a row that does not exist. */
export function readRowId(text: string | undefined): bigint | null {
  if (text === undefined || !/^[0-9]{1,19}$/.test(text)) return null;
  const id = BigInt(text);
  return id <= ROW_ID_MAX ? id : null;
}
