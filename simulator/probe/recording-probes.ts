// What a recording of a real shop's webhooks says of the rules about them; an app's API cannot be asked for these.
import { headerOf } from "../webhooks/recording.ts";
import type { RecordedRequest } from "../webhooks/recording.ts";
import type { Seen } from "./probe.ts";
import { seen, unclear } from "./probe.ts";

export interface RecordingProbe {
  readonly rule: string;
  /** What has to be in the recording. */
  readonly needs: string;
  judge(recording: readonly RecordedRequest[]): Seen;
}

interface Told {
  topic: string;
  eventId: string;
  body: Record<string, unknown>;
}

function told(recording: readonly RecordedRequest[], topic: (topic: string) => boolean): Told[] {
  return recording.flatMap((request) => {
    const name = headerOf(request, "x-shopify-topic") ?? "";
    if (!topic(name) || request.body === undefined) return [];
    return [{ topic: name, eventId: headerOf(request, "x-shopify-event-id") ?? "", body: JSON.parse(request.body) as Record<string, unknown> }];
  });
}

const is = (name: string) => (topic: string) => topic === name;

const ordersUpdated: RecordingProbe = {
  rule: "orders-updated",
  needs: "an order being placed, with orders/create and orders/updated subscribed",
  judge(recording) {
    const created = told(recording, is("orders/create"));
    if (created.length === 0) return unclear("no orders/create in the recording");
    const updated = new Set(told(recording, is("orders/updated")).map(({ eventId }) => eventId));
    const both = created.filter(({ eventId }) => updated.has(eventId)).length;
    return seen(both > 0, `${both} of ${created.length} new orders were told as orders/updated under the same event id`);
  },
};

const levelEvents: RecordingProbe = {
  rule: "level-events",
  needs: "an order at the online store, with orders/create and inventory_levels/update subscribed",
  judge(recording) {
    const levels = new Set(told(recording, is("inventory_levels/update")).map(({ eventId }) => eventId));
    const created = told(recording, is("orders/create"));
    if (created.length === 0 || levels.size === 0) return unclear("no orders/create beside inventory_levels/update in the recording");
    const shared = created.filter(({ eventId }) => levels.has(eventId)).length;
    return seen(shared > 0, `${shared} of ${created.length} orders share their event id with a level`);
  },
};

const fulfilledTopics: RecordingProbe = {
  rule: "order-fulfilled-topics",
  needs: "an order being fulfilled, with orders/fulfilled and orders/updated subscribed",
  judge(recording) {
    const sent = told(recording, (topic) => topic === "orders/fulfilled" || topic === "orders/partially_fulfilled");
    if (sent.length === 0) return unclear("no fulfilled order in the recording");
    const updated = new Set(told(recording, is("orders/updated")).map(({ body }) => JSON.stringify(body["id"])));
    const both = sent.filter(({ body }) => updated.has(JSON.stringify(body["id"]))).length;
    return seen(both === sent.length, `${both} of ${sent.length} fulfilled orders were told as orders/updated, too`);
  },
};

const nestedFields: RecordingProbe = {
  rule: "include-fields-nested",
  needs: "orders/create subscribed with include_fields that name line_items.id",
  judge(recording) {
    const [order] = told(recording, is("orders/create"));
    const lines = order?.body["line_items"];
    if (!order) return unclear("no orders/create in the recording");
    if (!Array.isArray(lines)) return seen(false, "the order came without line_items");
    const fields = Object.keys((lines[0] ?? {}) as object);
    return fields.length > 20 ? unclear("the order came whole: its subscription names no nested fields") : seen(fields.includes("id"), `lines carry ${fields.join(", ")}`);
  },
};

const BULK_FIELDS = ["admin_graphql_api_id", "completed_at", "created_at", "error_code", "status", "type"];

const bulkFinish: RecordingProbe = {
  rule: "bulk-finish",
  needs: "a bulk query ending, with bulk_operations/finish subscribed",
  judge(recording) {
    const [finished] = told(recording, is("bulk_operations/finish"));
    if (!finished) return unclear("no bulk_operations/finish in the recording");
    const fields = Object.keys(finished.body).toSorted();
    const { status, type } = finished.body;
    return seen(BULK_FIELDS.every((field) => fields.includes(field)) && status === String(status).toLowerCase() && type === String(type).toLowerCase(), `${fields.join(", ")}; status ${String(status)}`);
  },
};

export const recordingProbes: readonly RecordingProbe[] = [ordersUpdated, levelEvents, fulfilledTopics, nestedFields, bulkFinish];
