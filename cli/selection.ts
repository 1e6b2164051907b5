// Which rows a command is about: named by `--id`, or all that match a filter, page by page.

import { decodeCursor, type KeysetPage, type PageRequest } from "#app/dashboard/queries/keyset-page.ts";
import { readRowId } from "#app/dashboard/queries/row-id.ts";
import { REVIEW_STEP_MAX } from "#app/ports/review-desk.ts";
import type { CommandOptions } from "./command.ts";

/** Rows of a list unless `--limit` says otherwise. */
const LIST_ROWS_DEFAULT = 50;

export function readPage({ cursor, limit }: CommandOptions): PageRequest {
  const rows = limit === undefined ? LIST_ROWS_DEFAULT : Number(limit);
  if (!Number.isInteger(rows) || rows < 1 || rows > REVIEW_STEP_MAX) throw new Error(`--limit is a whole number from 1 to ${REVIEW_STEP_MAX}`);
  if (cursor === undefined) return { direction: "newest", limit: rows };
  const id = decodeCursor(cursor);
  if (id === null) throw new Error("--cursor is none that a list has answered");
  return { direction: "older", cursor: id, limit: rows };
}

export function readChoice<Choice extends string>(name: string, value: string | undefined, choices: readonly Choice[]): Choice | undefined {
  if (value === undefined) return undefined;
  const choice = choices.find((one) => one === value);
  if (choice === undefined) throw new Error(`--${name} is one of: ${choices.join(", ")}`);
  return choice;
}

/** Goes through the ids that were named, or through every page from the newest on; rows that arrive meanwhile are not among them. */
export async function* selectedIds(
  options: CommandOptions,
  filterGiven: boolean,
  list: (page: PageRequest) => Promise<KeysetPage<{ readonly id: bigint }>>,
): AsyncGenerator<readonly bigint[]> {
  if (options.ids.length > 0) {
    if (filterGiven || options.all) throw new Error("give either --id or a filter, not both");
    yield options.ids.map((text) => {
      const id = readRowId(text);
      if (id === null) throw new Error(`--id ${text} is no id`);
      return id;
    });
    return;
  }
  if (!filterGiven && !options.all) throw new Error("say which: --id (as often as needed), a filter, or --all");
  let page: PageRequest | null = { direction: "newest", limit: REVIEW_STEP_MAX };
  while (page !== null) {
    const { items, olderCursor }: KeysetPage<{ readonly id: bigint }> = await list(page);
    if (items.length > 0) yield items.map((item) => item.id);
    const cursor = olderCursor === null ? null : decodeCursor(olderCursor);
    page = cursor === null ? null : { direction: "older", cursor, limit: REVIEW_STEP_MAX };
  }
}

/** Sums up what the steps answered, refusals by their code. */
export class Totals<Code extends string> {
  readonly doneIds: string[] = [];
  private readonly idsByCode = new Map<Code, string[]>();

  add(doneIds: readonly bigint[], refused: readonly { readonly refusal: Code; readonly ids: readonly bigint[] }[]): void {
    this.doneIds.push(...doneIds.map(String));
    for (const { refusal, ids } of refused) this.idsByCode.set(refusal, [...(this.idsByCode.get(refusal) ?? []), ...ids.map(String)]);
  }

  get refused(): readonly { readonly code: Code; readonly ids: readonly string[] }[] {
    return [...this.idsByCode].map(([code, ids]) => ({ code, ids }));
  }
}
