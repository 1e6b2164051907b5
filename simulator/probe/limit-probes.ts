// Probes of limits: what queries cost, how large the bucket is, how being throttled looks, and what bulk operations refuse.
import type { Bench } from "./bench.ts";
import { messages } from "./bench.ts";
import type { Probe } from "./probe.ts";
import { seen, unclear } from "./probe.ts";

/** Requested costs by the simulator's reckoning. */
const PRICES: readonly { query: string; cost: number; what: string }[] = [
  { query: `{ locations(first: 10) { nodes { id } } }`, cost: 12, what: "a connection of 10" },
  { query: `{ products(first: 5) { nodes { id variants(first: 4) { nodes { id } } } } }`, cost: 37, what: "a connection of 5, each with one of 4" },
  { query: `{ nodes(ids: ["gid://shopify/Product/1", "gid://shopify/Product/2"]) { id } }`, cost: 2, what: "nodes by two ids" },
];
/** Nearly all that one query may ask for. */
const DEAR = `{ products(first: 80) { nodes { id variants(first: 8) { nodes { id } } } } }`;
const AT_ONCE_MAX = 40;
const RUN_BULK = `mutation ($query: String!) { bulkOperationRunQuery(query: $query) { bulkOperation { id } userErrors { code message } } }`;
const CANCEL_BULK = `mutation ($id: ID!) { bulkOperationCancel(id: $id) { userErrors { message } } }`;
const BULK = `query ($id: ID!) { bulkOperation(id: $id) { status url fileSize } }`;
const BULK_AT_ONCE = 5;
const LOOKS_MAX = 60;
const LOOK_EVERY_MS = 1_000;

const costDetails: Probe = {
  rule: "cost-details",
  does: "asks three queries for what they cost",
  scopes: [],
  async ask(bench) {
    const wrong: string[] = [];
    for (const { query, cost, what } of PRICES) {
      const answer = await bench.client.send(query);
      if (!answer.cost) return unclear("the answer names no cost");
      if (answer.cost.requestedQueryCost !== cost) wrong.push(`${what} costs ${answer.cost.requestedQueryCost}, not ${cost}`);
    }
    return seen(wrong.length === 0, wrong.join("; ") || "as reckoned");
  },
};

const bucketSize: Probe = {
  rule: "bucket-size",
  does: "reads the throttle status of one query",
  scopes: [],
  async ask(bench) {
    const { cost } = await bench.client.send(`{ shop { id } }`);
    if (!cost) return unclear("the answer names no cost");
    const { maximumAvailable, restoreRate } = cost.throttleStatus;
    return seen(maximumAvailable === 20 * restoreRate, `${maximumAvailable} points, ${restoreRate} a second`);
  },
};

const throttledStatus: Probe = {
  rule: "throttled-status",
  does: `sends up to ${AT_ONCE_MAX} dear queries at once until one is turned away`,
  scopes: [],
  async ask(bench) {
    const answers = await Promise.all(Array.from({ length: AT_ONCE_MAX }, () => bench.client.send(DEAR)));
    const turnedAway = answers.find(({ errors }) => errors.some(({ extensions }) => extensions?.code === "THROTTLED"));
    return turnedAway ? seen(turnedAway.status, `THROTTLED came with status ${turnedAway.status}`) : unclear(`${AT_ONCE_MAX} queries at once were all answered`);
  },
};

type Run = { bulkOperationRunQuery: { bulkOperation: { id: string } | null; userErrors: { code: string | null; message: string }[] } };

async function runBulk(bench: Bench, query: string): Promise<Run["bulkOperationRunQuery"]> {
  const { bulkOperationRunQuery } = await bench.client.ask<Run>(RUN_BULK, { query });
  return bulkOperationRunQuery;
}

/** All in one request, so that the first has not ended when the last is asked for. */
const RUN_SIX = `mutation ($query: String!) { ${Array.from({ length: BULK_AT_ONCE + 1 }, (_, index) => `run${index}: bulkOperationRunQuery(query: $query) { bulkOperation { id } userErrors { code message } }`).join(" ")} }`;

const bulkLimitCode: Probe = {
  rule: "bulk-limit-code",
  does: "starts six bulk queries at once, and cancels them",
  scopes: [],
  async ask(bench) {
    const runs = Object.values(await bench.client.ask<Record<string, Run["bulkOperationRunQuery"]>>(RUN_SIX, { query: `{ products { edges { node { id } } } }` }));
    for (const { bulkOperation } of runs) {
      if (bulkOperation) bench.undo(`bulk operation ${bulkOperation.id}`, async () => void (await bench.client.ask(CANCEL_BULK, { id: bulkOperation.id })));
    }
    const refused = runs.filter(({ bulkOperation }) => bulkOperation === null);
    const [first] = refused;
    if (!first) return unclear("six were taken");
    return refused.length === 1 ? seen(first.userErrors[0]?.code ?? "no code", `the sixth was refused: ${messages(first.userErrors)}`) : unclear(`${refused.length} of six were refused: ${messages(first.userErrors)}`);
  },
};

const bulkEmpty: Probe = {
  rule: "bulk-empty",
  does: "runs a bulk query that finds nothing",
  scopes: [],
  async ask(bench) {
    const { bulkOperation, userErrors } = await runBulk(bench, `{ products(query: "tag:holdfast-probe-nobody") { edges { node { id } } } }`);
    if (!bulkOperation) return unclear(messages(userErrors));
    for (let look = 0; look < LOOKS_MAX; look += 1) {
      const { bulkOperation: now } = await bench.client.ask<{ bulkOperation: { status: string; url: string | null; fileSize: string | null } }>(BULK, { id: bulkOperation.id });
      if (now.status === "COMPLETED") return seen(now.url === null && now.fileSize === null, `url ${now.url === null ? "null" : "given"}, fileSize ${now.fileSize}`);
      if (now.status === "FAILED" || now.status === "CANCELED") return unclear(`the operation ended as ${now.status}`);
      await bench.pause(LOOK_EVERY_MS);
    }
    return unclear("the operation did not end in time");
  },
};

const flowTrigger: Probe = {
  rule: "flow-trigger",
  does: "fires a Flow trigger that no app declares",
  scopes: [],
  async ask(bench) {
    const document = `mutation { flowTriggerReceive(handle: "holdfast-probe-nobody", payload: {}) { userErrors { message } } }`;
    const { flowTriggerReceive } = await bench.client.ask<{ flowTriggerReceive: { userErrors: { message: string }[] } }>(document);
    return seen(flowTriggerReceive.userErrors.length > 0, messages(flowTriggerReceive.userErrors));
  },
};

/** The dear ones come last: they leave the bucket empty. */
export const limitProbes: readonly Probe[] = [costDetails, bucketSize, flowTrigger, bulkEmpty, bulkLimitCode, throttledStatus];
