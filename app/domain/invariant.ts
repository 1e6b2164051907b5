// Programmer errors: conditions that cannot be false unless the code is wrong. Expected failures are values, never these.

export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws when `condition` is false; `message` says what must hold. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Ends every `switch` over a union: a case that is not handled does not compile. */
export function assertNever(value: never): never {
  throw new InvariantError(`unhandled case: ${JSON.stringify(value)}`);
}
