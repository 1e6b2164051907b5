// What a list of incidents can be narrowed to, and the SQL of it: one install's, by keyset, newest first. Pure.

import { keysetSql, type PageRequest } from "./keyset-page.ts";
import { SqlParameters } from "./sql-parameters.ts";

export interface IncidentFilter {
  /** `all`: whatever their state. */
  readonly state: string;
  readonly inventoryItemId?: string;
}

export interface ListIncidents {
  readonly installId: bigint;
  readonly filter: IncidentFilter;
  readonly page: PageRequest;
}

/** What a list selects by; the install is bound first, as `$1`. `prefix`: of the columns, where the table has an alias. One row more than the page is asked for: `toPage` wants it. */
export function incidentsSql({ installId, filter, page }: ListIncidents, prefix: "" | `${string}.` = "") {
  const parameters = new SqlParameters();
  const conditions = [`${prefix}install_id = ${parameters.bind(installId)}`];
  if (filter.state !== "all") conditions.push(`${prefix}state = ${parameters.bind(filter.state)}`);
  if (filter.inventoryItemId !== undefined) conditions.push(`${prefix}inventory_item_id = ${parameters.bind(filter.inventoryItemId)}`);
  const keyset = keysetSql(page, `${prefix}id`, page.direction === "newest" ? "" : parameters.bind(page.cursor));
  const limit = `${parameters.bind(page.limit + 1)}::int`;
  return { where: [...conditions, keyset.where].join(" AND "), orderBy: keyset.orderBy, limit, values: parameters.values };
}
