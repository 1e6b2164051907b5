// Ids in webhook bodies are JSON numbers of any size; these keep every digit when a body is written.

/** The text of a number inside a payload object; `writeJson` prints it without quotes. */
export type RawNumber = { readonly rawJSON: string };

// Node 22 has JSON.rawJSON; TypeScript's ES2024 library does not describe it yet.
const rawJson = (JSON as JSON & { rawJSON(text: string): RawNumber }).rawJSON;

export function rawNumber(id: string): RawNumber {
  return rawJson(id);
}

export function rawNumberOrNull(id: string | null): RawNumber | null {
  return id === null ? null : rawJson(id);
}
