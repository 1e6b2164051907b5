// Holds what is written down for Shopify (manifest, code generator, GraphQL documents) against one API version and its full schema.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import {
  buildClientSchema,
  getNamedType,
  isEnumType,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
  type IntrospectionQuery,
} from "graphql";
import { parse as parseToml } from "smol-toml";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";

import { createShopifyInventory, createShopifyOrders } from "#app/adapters/shopify/shopify-api.server.ts";
import { createOrderLister } from "#app/adapters/shopify/scan-orders.server.ts";
import { ADMIN_API_VERSION } from "#app/domain/api-version.ts";
import type { AdminApi } from "#app/ports/admin-api.ts";

import { estimatePoints } from "./estimate-points.ts";

const ROOT = join(import.meta.dirname, "../..");
const DOCUMENTS_FOLDER = join(ROOT, "app/adapters/shopify/documents");
/** Design §5: an install reads; what writes is asked for when the merchant turns it on. */
const OPTIONAL_SCOPES = ["write_inventory", "write_merchant_managed_fulfillment_orders", "write_orders", "write_third_party_fulfillment_orders"];
const COMPLIANCE_TOPICS = ["customers/data_request", "customers/redact", "shop/redact"];
/** Names under which an order's people appear, in REST bodies and in GraphQL. */
const PERSONAL = /customer|email|phone|address|note|first_?name|last_?name|browser_ip|client_details|latitude|longitude|staffMember|destination$/i;

const manifestSchema = z.object({
  embedded: z.literal(true),
  access_scopes: z.object({ scopes: z.string(), optional_scopes: z.array(z.string()), use_legacy_install_flow: z.literal(false) }),
  webhooks: z.object({
    api_version: z.string(),
    subscriptions: z.array(
      z.object({ topics: z.array(z.string()).default([]), compliance_topics: z.array(z.string()).default([]), uri: z.string(), include_fields: z.array(z.string()).optional() }),
    ),
  }),
});

interface ScopeItem {
  type: string;
  typeName: string;
  fieldName?: string;
  offlineScopes: string[];
}

const manifest = manifestSchema.parse(parseToml(readFileSync(join(ROOT, "shopify.app.toml"), "utf8")));
const requiredScopes = manifest.access_scopes.scopes.split(",");
const subscriptions = manifest.webhooks.subscriptions;
const topics = subscriptions.flatMap((subscription) => subscription.topics);

let schema: GraphQLSchema;
let scopeItems: ScopeItem[];
let documents: { name: string; node: DocumentNode }[];

beforeAll(async () => {
  const file: { data: IntrospectionQuery; offline_scopes: { items: ScopeItem[] } } = JSON.parse(readFileSync(inject("adminSchemaPath"), "utf8"));
  schema = buildClientSchema(file.data);
  scopeItems = file.offline_scopes.items;
  documents = await readDocuments();
});

async function readDocuments(): Promise<{ name: string; node: DocumentNode }[]> {
  const found: { name: string; node: DocumentNode }[] = [];
  for (const file of readdirSync(DOCUMENTS_FOLDER)) {
    const exported: Record<string, unknown> = await import(join(DOCUMENTS_FOLDER, file));
    for (const [name, text] of Object.entries(exported)) {
      if (typeof text === "string") found.push({ name: `${file} ${name}`, node: parse(text) });
    }
  }
  return found;
}

describe("the API version", () => {
  it("is the same in the manifest, the code generator's config and the schema that everything is checked against", async () => {
    const { default: codegen } = await import(join(ROOT, ".graphqlrc.ts"));
    expect(manifest.webhooks.api_version).toBe(ADMIN_API_VERSION);
    expect(JSON.stringify(codegen)).toContain(`admin_${ADMIN_API_VERSION}.json`);
    expect(inject("adminSchemaPath")).toMatch(new RegExp(`admin_${ADMIN_API_VERSION}\\.json$`));
  });

  it("is written in one file of the app", () => {
    const files = readdirSync(join(ROOT, "app"), { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
    const naming = files.filter((file) => !file.includes(".test.") && readFileSync(join(ROOT, "app", file), "utf8").includes(`"${ADMIN_API_VERSION}"`));
    expect(naming).toEqual(["domain/api-version.ts"]);
  });
});

describe("the webhook subscriptions", () => {
  it("name topics that this API version has", () => {
    const type = schema.getType("WebhookSubscriptionTopic");
    const known = isEnumType(type) ? new Set(type.getValues().map((value) => value.name)) : new Set<string>();
    expect(topics.filter((topic) => !known.has(topic.toUpperCase().replace("/", "_")))).toEqual([]);
    expect(new Set(topics).size).toBe(topics.length);
  });

  it("include the three compliance topics", () => {
    expect(subscriptions.flatMap((subscription) => subscription.compliance_topics).toSorted()).toEqual(COMPLIANCE_TOPICS);
  });

  it("all arrive at one address, which has its route", () => {
    expect(new Set(subscriptions.map((subscription) => subscription.uri))).toEqual(new Set(["/webhooks"]));
    expect(["webhooks.ts", "webhooks.tsx"].some((file) => existsSync(join(ROOT, "app/routes", file)))).toBe(true);
  });

  it("are covered by the scopes that every install grants", () => {
    const type = schema.getType("WebhookSubscriptionTopic");
    if (!isEnumType(type)) throw new Error("WebhookSubscriptionTopic is no enum");
    const uncovered = topics.filter((topic) => {
      const description = type.getValue(topic.toUpperCase().replace("/", "_"))?.description ?? "";
      // "Requires the `read_x` scope." or "Requires at least one of the following scopes: a, b."
      const named = [...(/Requires .*scope.*$/s.exec(description)?.[0] ?? "").matchAll(/\b(?:read|write)_\w+/g)].map((match) => match[0]);
      return named.length > 0 && !named.some((scope) => requiredScopes.includes(scope));
    });
    expect(uncovered).toEqual([]);
  });

  it("leave customer data out before it leaves Shopify, but for the attributes of orders, of which acceptance keeps a reservation's id", () => {
    const fields = subscriptions.flatMap((subscription) => subscription.include_fields ?? []);
    // What of it is stored: app/pipeline/accept/project-payload.test.ts, "keeps nothing of an order's attributes but…".
    expect(fields.filter((field) => PERSONAL.test(field))).toEqual(["note_attributes"]);
    const whole = subscriptions.filter((subscription) => subscription.include_fields === undefined).flatMap((subscription) => subscription.topics);
    expect(whole).toEqual(["app/scopes_update"]);
  });
});

describe("the access scopes", () => {
  it("exist in this API version", () => {
    const known = new Set(scopeItems.flatMap((item) => item.offlineScopes));
    expect([...requiredScopes, ...manifest.access_scopes.optional_scopes].filter((scope) => !known.has(scope))).toEqual([]);
  });

  it("let a new install read and nothing else", () => {
    expect(requiredScopes.filter((scope) => !scope.startsWith("read_"))).toEqual([]);
    expect(manifest.access_scopes.optional_scopes.toSorted()).toEqual(OPTIONAL_SCOPES);
  });

  it("cover everything that the documents touch: reads by the required ones, mutations by the optional ones", () => {
    const missing: string[] = [];
    for (const { name, node } of documents) {
      for (const { what, scopes, mutation } of scopesNeeded(node)) {
        const granted = mutation ? [...requiredScopes, ...manifest.access_scopes.optional_scopes] : requiredScopes;
        if (!scopes.some((scope) => granted.includes(scope))) missing.push(`${name}: ${what} needs ${scopes.join(" or ")}`);
      }
    }
    expect(missing).toEqual([]);
  });
});

/** Types and fields of a document for which the schema file names scopes. */
function scopesNeeded(document: DocumentNode): { what: string; scopes: string[]; mutation: boolean }[] {
  const needed = new Map<string, { what: string; scopes: string[]; mutation: boolean }>();
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      Field(field) {
        const parent = info.getParentType()?.name ?? "";
        const type = info.getType();
        const named = type ? getNamedType(type).name : "";
        for (const item of scopeItems) {
          const isField = item.type === "field" && item.typeName === parent && item.fieldName === field.name.value;
          const isType = item.type === "type" && item.typeName === named;
          if ((isField || isType) && item.offlineScopes.length > 0) needed.set(`${item.typeName}.${item.fieldName ?? ""}`, { what: `${item.typeName}.${item.fieldName ?? "*"}`, scopes: item.offlineScopes, mutation: parent === "Mutation" });
        }
      },
    }),
  );
  return [...needed.values()];
}

describe("the GraphQL documents", () => {
  it("are all valid in the full schema of this API version", () => {
    expect(documents.length).toBeGreaterThan(5);
    const faults = documents.flatMap(({ name, node }) => validate(schema, node).map((fault) => `${name}: ${fault.message}`));
    expect(faults).toEqual([]);
  });

  it("use nothing that is deprecated", () => {
    const deprecated: string[] = [];
    for (const { name, node } of documents) {
      const info = new TypeInfo(schema);
      const Field = () => {
        const field = info.getFieldDef();
        if (field?.deprecationReason) deprecated.push(`${name}: ${field.name}: ${field.deprecationReason}`);
      };
      visit(node, visitWithTypeInfo(info, { Field }));
    }
    expect(deprecated).toEqual([]);
  });

  it("stand in the one folder that these tests and the code generator read", () => {
    const files = readdirSync(join(ROOT, "app"), { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file) && !file.includes(".test."));
    const elsewhere = files.filter((file) => !file.startsWith("adapters/shopify/documents/") && readFileSync(join(ROOT, "app", file), "utf8").includes("#graphql\n"));
    expect(elsewhere).toEqual([]);
  });

  it("carry @idempotent wherever this API version demands it, which validation alone would not notice", () => {
    const mutationType = schema.getMutationType();
    for (const { name, node } of documents) {
      for (const definition of node.definitions) {
        if (definition.kind !== "OperationDefinition" || definition.operation !== "mutation") continue;
        for (const selection of definition.selectionSet.selections) {
          if (selection.kind !== "Field") continue;
          const demands = /@idempotent|idempotent/i.test(mutationType?.getFields()[selection.name.value]?.description ?? "");
          const carries = selection.directives?.some((directive) => directive.name.value === "idempotent") ?? false;
          expect({ name, carries }).toEqual({ name, carries: demands });
        }
      }
    }
  });

  it("ask for nobody's personal data", () => {
    const asked: string[] = [];
    for (const { name, node } of documents) {
      visit(node, {
        Field(field) {
          if (PERSONAL.test(field.name.value)) asked.push(`${name}: ${field.name.value}`);
        },
      });
    }
    expect(asked).toEqual([]);
  });
});

describe("the cost estimates", () => {
  const nothing: AdminApi = { send: () => Promise.reject(new Error("not called")) };
  const { limits: orders } = createShopifyOrders(nothing);
  const { limits: inventory } = createShopifyInventory(nothing);

  it.each([
    ["order-scan.ts ORDERS_BY_UPDATE", { idsMax: 1, estimateCost: () => createOrderLister(nothing).pageCost }],
    ["orders.ts ORDERS", orders.orders],
    ["orders.ts ORDER_PLACES", orders.orderLocations],
    ["variants.ts VARIANTS", orders.variants],
    ["variants.ts VARIANTS_OF_ITEMS", orders.variantsOfItems],
    ["variants.ts VARIANTS_BY_SKU", orders.variantsBySku],
    ["selling-plans.ts SOLD_BY_PLAN", orders.soldByPlan],
    ["selling-plans.ts LINE_PLANS", orders.preorders],
    ["inventory.ts LEVELS_AT_LOCATION", inventory.levels],
    ["inventory.ts LOCATIONS", inventory.locations],
    ["inventory.ts ADJUST_QUANTITIES", inventory.adjust],
  ])("of %s cover what Shopify's rules give for the document, and the largest call stays within 1,000 points", (name, limits) => {
    const document = documents.find((one) => one.name === name);
    if (document === undefined) throw new Error(`no document ${name}`);
    for (const count of [1, limits.idsMax]) expect(limits.estimateCost(count)).toBeGreaterThanOrEqual(estimatePoints(schema, document.node, count));
    expect(limits.estimateCost(limits.idsMax)).toBeLessThanOrEqual(1_000);
  });

  it("of further pages stay under 1,000 points too", () => {
    const tooLarge = documents.filter(({ node }) => estimatePoints(schema, node, 1) > 1_000).map(({ name }) => name);
    expect(tooLarge).toEqual([]);
  });
});
