// Statements that every turn says: each connection of the driver parses them once, by name, and may keep their plan.

import { createHash } from "node:crypto";

import { DatabaseError } from "pg";

import { invariant } from "#app/domain/invariant.ts";

/** Each is kept by each connection, on both sides. A statement that is put together anew for each call must not come here. */
const STATEMENTS_MAX = 100;

const names = new Map<string, string>();

/**
 * For a statement whose best plan is the same for all values: rows found by a key, or by the small index of what is open. Not for one that
 * joins lists of values with each other: planned without knowing how long they are, 250 entries are compared with 250 one by one.
 */
export function prepared(sql: string): string {
  if (names.has(sql)) return sql;
  invariant(names.size < STATEMENTS_MAX, "prepared statements are a fixed few");
  names.set(sql, `holdfast_${createHash("sha256").update(sql).digest("hex").slice(0, 16)}`);
  return sql;
}

export function preparedName(sql: string): string | undefined {
  return names.get(sql);
}

/** What a statement answers changed under it (a migration), or a pooler gave us another's session: with a new connection it is as at the first time. */
export function isStalePlan(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === "26000" || (error.code === "0A000" && error.message.includes("cached plan")));
}
