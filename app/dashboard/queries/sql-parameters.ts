// Collects the values of a statement that is put together from optional conditions, so that no value ever becomes SQL text. Pure.

import type { SqlValue } from "#app/ports/database.ts";

export class SqlParameters {
  readonly values: SqlValue[] = [];

  /** Binds a value and returns its placeholder. */
  bind(value: SqlValue): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}
