// Where the scripts find what they put load on: environment variables, with a clear word when one is missing.
import { fail } from "k6";

export function required(name: string, what: string): string {
  const value = __ENV[name];
  if (value === undefined || value === "") fail(`${name} is missing: ${what}. In the demo: set -a; . .holdfast/demo.env; set +a`);
  return value ?? "";
}

export function optional(name: string, usual: string): string {
  const value = __ENV[name];
  return value === undefined || value === "" ? usual : value;
}

/** Without a slash at its end. */
export function address(name: string, what: string): string {
  return required(name, what).replace(/\/$/, "");
}

export function count(name: string, usual: number): number {
  const value = Number(optional(name, String(usual)));
  if (!Number.isInteger(value) || value < 0) fail(`${name} takes a whole number`);
  return value;
}

/** Tells runs apart in ids, also two that begin at one moment: a key that another run used would be refused. */
export function newRunId(): string {
  return `${Math.floor(Date.now() / 1_000).toString(36)}${Math.random().toString(36).slice(2, 6)}`;
}
