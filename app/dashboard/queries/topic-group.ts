// What notifications are about, by their topic: orders, or stock levels, most of which are echoes of the changes Holdfast makes. Pure.

export type TopicGroup = "orders" | "stock";

/** First parts of the topics; what is in neither group concerns the app itself. */
const TOPIC_KINDS: Readonly<Record<TopicGroup, readonly string[]>> = {
  orders: ["orders", "refunds", "returns", "fulfillment_orders"],
  stock: ["inventory_levels", "inventory_items", "locations"],
};

/** A condition on a column with a topic; made of the fixed words above only. */
export function topicGroupSql(column: string, group: TopicGroup): string {
  return `split_part(${column}, '/', 1) IN (${TOPIC_KINDS[group].map((kind) => `'${kind}'`).join(", ")})`;
}
