// The Admin API's endpoint: who asks, what goes wrong on the way, what it costs, and at last the operation itself, at one moment in the middle of the wait.
import { GraphQLError, execute, getVariableValues } from "graphql";
import type { ExecutionResult, GraphQLObjectType, OperationDefinitionNode } from "graphql";
import type { Engine } from "../engine.ts";
import { commits } from "../faults.ts";
import type { Fault } from "../faults.ts";
import type { Router, SimRequest, SimResponse } from "../http/router.ts";
import { json } from "../http/router.ts";
import { authenticate, scopesOf } from "../oauth/access-tokens.ts";
import type { AccessToken, ShopState } from "../world/state.ts";
import { deniedAccess } from "./access.ts";
import { placesOf, readCalls } from "./calls.ts";
import type { GraphContext, RootCall } from "./context.ts";
import { QUERY_COST_MAX, actualCost, requestedCost } from "./cost.ts";
import { faultAnswer } from "./fault-answers.ts";
import { createPreparer } from "./prepare.ts";
import type { Prepared } from "./prepare.ts";
import type { RequestEntry } from "./request-log.ts";
import { resolverOf } from "./resolvers/root.ts";
import type { AdminSchema } from "./schema.ts";
import { refundPoints, takePoints, throttleStatus } from "./throttle.ts";

const RATE_LIMIT_PAGE = "https://shopify.dev/api/usage/rate-limits";

interface GraphqlBody {
  query?: unknown;
  variables?: Record<string, unknown> | null;
  operationName?: string | null;
}

/** One call on its way: everything that was found out about it before it runs. */
interface Call {
  shop: ShopState;
  token: AccessToken;
  prepared: Prepared;
  operation: OperationDefinitionNode;
  root: GraphQLObjectType;
  variables: Record<string, unknown>;
  calls: RootCall[];
  cost: number;
  entry: RequestEntry;
}

type Reading = { ok: true; call: Call } | { ok: false; answer: ExecutionResult };

export function mountAdminApi(router: Router, engine: Engine, admin: AdminSchema): void {
  const endpoint = new AdminEndpoint(engine, admin);
  router.post("/admin/api/:version/graphql.json", (request) => endpoint.answer(request));
}

class AdminEndpoint {
  readonly #engine: Engine;
  readonly #admin: AdminSchema;
  readonly #prepare: ReturnType<typeof createPreparer>;
  readonly #keysInFlight = new Set<string>();

  constructor(engine: Engine, admin: AdminSchema) {
    this.#engine = engine;
    this.#admin = admin;
    this.#prepare = createPreparer(admin);
  }

  answer(request: SimRequest): Promise<SimResponse> {
    return this.#answer(request, false);
  }

  /** `delivered`: it was held back on its way and arrives now, long after its client gave up; no further fault strikes it. */
  async #answer(request: SimRequest, delivered: boolean): Promise<SimResponse> {
    const { world, requests } = this.#engine;
    const shop = request.shop === null ? undefined : world.state.shops.get(request.shop);
    if (!shop || request.params["version"] !== this.#engine.apiVersion) return json({ errors: "Not Found" }, 404);
    const body = (request.json() ?? {}) as GraphqlBody;
    const entry = requests.open({
      shop: shop.domain,
      operationName: body.operationName ?? null,
      rootFields: [],
      idempotencyKeys: [],
      tokenKind: null,
      costRequested: null,
      costActual: null,
      outcome: "errors",
      committed: false,
      startedAt: new Date(world.clock.nowMs()).toISOString(),
    });
    try {
      return await this.#serve(request, shop, body, entry, delivered);
    } finally {
      entry.finishedAt = new Date(world.clock.nowMs()).toISOString();
    }
  }

  async #serve(request: SimRequest, shop: ShopState, body: GraphqlBody, entry: RequestEntry, delivered: boolean): Promise<SimResponse> {
    const header = request.headers["x-shopify-access-token"];
    const token = authenticate(this.#engine.world, shop, Array.isArray(header) ? header[0] : header);
    if (!token) {
      entry.outcome = "unauthorized";
      return unauthorized();
    }
    entry.tokenKind = token.kind;
    const reading = this.#read(shop, token, body, entry);
    if (!reading.ok) return json(reading.answer);
    const { call } = reading;
    const fault = delivered ? null : this.#engine.faults.take(["graphql", ...call.calls.map(({ fieldName }) => fieldName), call.operation.name?.value ?? ""].filter(Boolean), shop.domain);
    if (fault) entry.outcome = `fault:${fault.kind}`;
    if (fault?.kind === "held") {
      this.#engine.held.push({ shop: shop.domain, deliver: () => this.#answer({ ...request, closed: Promise.resolve() }, true) });
      return { status: 0, cut: "before_answer" };
    }
    const turnedAway = this.#turnAway(call, fault);
    if (turnedAway) return turnedAway;

    const release = this.#holdKeys(call);
    const places = placesOf(call.calls).map((place) => `${shop.domain} ${place}`);
    const leave = this.#engine.requests.enter(entry, places, request.closed);
    try {
      return await this.#run(call, fault, release, request.closed);
    } finally {
      release();
      leave();
    }
  }

  /** Everything that is refused without touching the bucket. */
  #read(shop: ShopState, token: AccessToken, body: GraphqlBody, entry: RequestEntry): Reading {
    const preparation = this.#prepare(typeof body.query === "string" ? body.query : "");
    if (!preparation.ok) return refused(...preparation.errors);
    const { prepared } = preparation;
    const { schema } = this.#admin;
    const operation = prepared.operations.find(({ name }) => !body.operationName || name?.value === body.operationName);
    if (!operation || (prepared.operations.length > 1 && !body.operationName)) return refused(new GraphQLError("An operation name is required"));
    entry.operationName = operation.name?.value ?? null;
    const root = operation.operation === "mutation" ? schema.getMutationType() : schema.getQueryType();
    if (!root || operation.operation === "subscription") return refused(new GraphQLError("Only queries and mutations are answered here"));
    const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], body.variables ?? {});
    if (coerced.errors) return refused(...coerced.errors);
    const variables = coerced.coerced;
    const denied = deniedAccess(prepared, scopesOf(shop, token), root, operation);
    if (denied) {
      entry.outcome = "access_denied";
      return { ok: false, answer: denied };
    }
    let calls: RootCall[];
    try {
      calls = readCalls(this.#admin, prepared, operation, root, variables);
    } catch (error) {
      if (error instanceof GraphQLError) return refused(error);
      throw error;
    }
    const cost = requestedCost({ schema, prepared, variables }, root, operation.selectionSet);
    entry.rootFields = calls.map(({ fieldName }) => fieldName);
    entry.idempotencyKeys = calls.flatMap(({ key }) => key ?? []);
    entry.costRequested = cost;
    if (cost > QUERY_COST_MAX) return tooDear(cost);
    return { ok: true, call: { shop, token, prepared, operation, root, variables, calls, cost, entry } };
  }

  /** Refusals after which nothing has happened: limits, revoked tokens, and the faults that imitate them. */
  #turnAway({ shop, cost, entry, token }: Call, fault: Fault | null): SimResponse | null {
    const { world } = this.#engine;
    if (fault?.kind === "token_revoked") {
      shop.accessTokens.delete(token.token);
      return unauthorized();
    }
    if (fault?.kind === "http_429") {
      return { ...json({ errors: "Exceeded the rate limit for api client. Reduce request rates to resume uninterrupted service." }, 429), headers: { "content-type": "application/json", "retry-after": "2.0" } };
    }
    const nowMs = world.clock.nowMs();
    if (fault?.kind !== "throttled" && takePoints(shop, cost, nowMs)) return null;
    entry.outcome = fault ? entry.outcome : "throttled";
    const errors = [{ message: "Throttled", extensions: { code: "THROTTLED", documentation: RATE_LIMIT_PAGE } }];
    const extensions = { cost: { requestedQueryCost: cost, actualQueryCost: null, throttleStatus: throttleStatus(shop, nowMs) } };
    return json({ errors, extensions }, world.assumptions.throttledStatus);
  }

  async #run(call: Call, fault: Fault | null, release: () => void, closed: Promise<void>): Promise<SimResponse> {
    const halfMs = this.#engine.graphqlMs / 2;
    const slowMs = fault?.kind === "slow" ? fault.delayMs : 0;
    const commitsFirst = fault !== null && commits(fault);
    await this.#wait(halfMs + (commitsFirst ? 0 : slowMs));
    const runs = fault === null || fault.kind === "slow" || fault.kind === "user_error" || commitsFirst;
    const result = runs ? this.#commit(call, fault) : null;
    // From here on the key is remembered, not in flight: a second request with it gets the recorded result.
    if (this.#engine.world.assumptions.keyInFlightUntil === "commit") release();
    await this.#wait(halfMs + (commitsFirst ? slowMs : 0));
    if (fault?.kind === "silent") await closed;
    return fault === null ? json(result) : faultAnswer(fault, result);
  }

  #wait(ms: number): Promise<void> {
    return ms <= 0 ? Promise.resolve() : this.#engine.sleep(ms);
  }

  /** The one moment at which the operation takes effect. */
  #commit(call: Call, fault: Fault | null): Record<string, unknown> {
    const { shop, entry, prepared, root, operation, variables } = call;
    const { world } = this.#engine;
    const { schema } = this.#admin;
    const context: GraphContext = {
      world,
      shop,
      app: this.#engine.app,
      admin: this.#admin,
      offline: call.token.kind === "offline",
      calls: new Map(call.calls.map((each) => [each.responseKey, each])),
      userErrorFault: fault?.kind === "user_error" ? fault : null,
      typeOf: new WeakMap(),
      bulk: this.#engine.bulk,
    };
    const result = execute({
      schema,
      document: prepared.document,
      operationName: operation.name?.value ?? null,
      variableValues: variables,
      contextValue: context,
      fieldResolver: (source, args, given: GraphContext, info) => resolverOf(info.parentType.name, info.fieldName)?.(source as never, args as never, given, String(info.path.key)),
      typeResolver: (value, given: GraphContext) => given.typeOf.get(value as object),
    });
    if (result instanceof Promise) throw new Error("Resolvers are synchronous: the commit is one moment.");
    const actual = actualCost({ schema, prepared, variables }, root, operation.selectionSet, result.data);
    const nowMs = world.clock.nowMs();
    refundPoints(shop, call.cost - actual, nowMs);
    entry.committed = true;
    entry.costActual = actual;
    if (fault === null) entry.outcome = outcomeOf(result);
    return { ...result, extensions: { cost: { requestedQueryCost: call.cost, actualQueryCost: actual, throttleStatus: throttleStatus(shop, nowMs) } } };
  }

  /** Marks calls whose key another request holds, and holds the keys of the rest until the commit. */
  #holdKeys({ shop, calls }: Call): () => void {
    const held: string[] = [];
    for (const call of calls) {
      if (call.key === null) continue;
      const name = `${shop.domain} ${call.key}`;
      call.concurrent = this.#keysInFlight.has(name);
      if (call.concurrent) continue;
      this.#keysInFlight.add(name);
      held.push(name);
    }
    return () => {
      for (const name of held.splice(0)) this.#keysInFlight.delete(name);
    };
  }
}

function outcomeOf(result: ExecutionResult): string {
  if (result.errors?.length) return "errors";
  const payloads = Object.values(result.data ?? {}) as ({ userErrors?: unknown[] } | null)[];
  return payloads.some((payload) => payload?.userErrors?.length) ? "user_errors" : "ok";
}

function unauthorized(): SimResponse {
  return json({ errors: "[API] Invalid API key or access token (unrecognized login or wrong password)" }, 401);
}

function refused(...errors: readonly GraphQLError[]): Reading {
  return { ok: false, answer: { errors } };
}

function tooDear(cost: number): Reading {
  const message = `Query cost is ${cost}, which exceeds the single query max cost limit (${QUERY_COST_MAX}).`;
  return refused(new GraphQLError(message, { extensions: { code: "MAX_COST_EXCEEDED", cost, maxCost: QUERY_COST_MAX, documentation: RATE_LIMIT_PAGE } }));
}
