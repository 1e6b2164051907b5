// Vitest setup file: a test fails when anything writes to console.error or console.warn that the test did not expect.
import { afterEach, beforeEach, vi } from "vitest";

type Written = { method: "error" | "warn"; text: string };

let written: Written[] = [];
let expected: (string | RegExp)[] = [];

/** Announces, inside a test, that the code under test will write this. */
export function expectConsole(text: string | RegExp): void {
  expected.push(text);
}

beforeEach(() => {
  written = [];
  expected = [];
  for (const method of ["error", "warn"] as const) {
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
      written.push({ method, text: parts.map(describe).join(" ") });
    });
  }
});

afterEach(() => {
  const unexpected = written.filter(({ text }) => !expected.some((one) => (typeof one === "string" ? text.includes(one) : one.test(text))));
  for (const method of ["error", "warn"] as const) vi.mocked(console[method]).mockRestore();
  if (unexpected.length > 0) {
    throw new Error(`the code under test wrote to the console: ${unexpected.map(({ method, text }) => `console.${method}: ${text}`).join("\n")}`);
  }
});

function describe(part: unknown): string {
  if (part instanceof Error) return part.stack ?? part.message;
  return typeof part === "string" ? part : JSON.stringify(part);
}
