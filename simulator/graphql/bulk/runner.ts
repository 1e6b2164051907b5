// Bulk operations on their way: begun, read object by object while the shop goes on selling, ended, and their files given out for a week.
import { execute, GraphQLError } from "graphql";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Engine } from "../../engine.ts";
import type { Fault } from "../../faults.ts";
import { numericIdOf } from "../../world/ids.ts";
import type { BulkOperation, ShopState } from "../../world/state.ts";
import { beginAction, nextId } from "../../world/world.ts";
import { bulkFinishPayload } from "../../webhooks/shop-payloads.ts";
import { deniedAccess } from "../access.ts";
import { EVERYTHING } from "../connection.ts";
import type { Connection } from "../connection.ts";
import type { GraphContext } from "../context.ts";
import { createPreparer } from "../prepare.ts";
import { resolverOf } from "../resolvers/root.ts";
import type { AdminSchema } from "../schema.ts";
import { readBulkQuery } from "./read-query.ts";
import type { BulkQuery } from "./read-query.ts";
import { writeLines } from "./write-lines.ts";

export interface BulkSettings {
  /** Simulated milliseconds from the request until it runs. */
  startAfterMs: number;
  /** By the simulated clock. */
  objectsPerSecond: number;
  cancelAfterMs: number;
}

interface Run {
  domain: string;
  operation: BulkOperation;
  query: BulkQuery;
  /** Root objects as the search found them when it began; what they hold is read when their turn comes. */
  nodes: object[];
  next: number;
  beganAtMs: number;
  parts: Buffer[];
  size: number;
  fault: Fault | null;
}

/** As of 2026-01, per app and shop. */
const OPERATIONS_AT_ONCE_MAX = 5;
const FILE_LIFE_MS = 7 * 24 * 3_600_000;
const RUN_TIME_MAX_MS = 10 * 24 * 3_600_000;
/** Root objects read in one go: a few milliseconds, then whoever else waits has a turn. */
const CHUNK_OBJECTS = 100;

export class BulkRunner {
  readonly settings: BulkSettings = { startAfterMs: 100, objectsPerSecond: 20_000, cancelAfterMs: 100 };
  readonly files = new Map<string, { domain: string; body: Buffer }>();
  readonly #engine: Omit<Engine, "bulk">;
  readonly #admin: AdminSchema;
  readonly #prepare: ReturnType<typeof createPreparer>;
  #working = 0;
  #waiters: (() => void)[] = [];

  constructor(engine: Omit<Engine, "bulk">, admin: AdminSchema) {
    this.#engine = engine;
    this.#admin = admin;
    this.#prepare = createPreparer(admin);
  }

  request({ shop, world, admin }: GraphContext, text: string, groupObjects: boolean) {
    const reading = readBulkQuery(this.#admin, this.#prepare, text);
    if (!reading.ok) return refuse("INVALID", reading.message);
    this.#roots(shop, reading.query);
    const underWay = [...shop.bulkOperations.values()].filter(isUnderWay).length;
    if (underWay >= OPERATIONS_AT_ONCE_MAX) {
      const code = world.assumptions.bulkLimitCode;
      return refuse(code, admin.errorText("BulkOperationUserErrorCode", code));
    }
    const operation: BulkOperation = {
      id: nextId(world, shop),
      query: text,
      groupObjects,
      status: "CREATED",
      errorCode: null,
      createdAtMs: world.clock.nowMs(),
      completedAtMs: null,
      objectCount: 0,
      rootObjectCount: 0,
      fileSize: null,
      url: null,
      partialDataUrl: null,
    };
    shop.bulkOperations.set(operation.id, operation);
    this.#begin(shop, operation, reading.query);
    return { bulkOperation: operation, userErrors: [] };
  }

  cancel({ shop, world }: GraphContext, id: string) {
    const operation = shop.bulkOperations.get(numericIdOf("BulkOperation", id) ?? "");
    if (!operation) return { bulkOperation: null, userErrors: [{ field: ["id"], message: "Bulk operation does not exist" }] };
    if (operation.status === "CANCELING") return { bulkOperation: operation, userErrors: [] };
    if (!isUnderWay(operation)) return { bulkOperation: operation, userErrors: [{ field: ["id"], message: `A bulk operation cannot be canceled when it is ${operation.status.toLowerCase()}` }] };
    operation.status = "CANCELING";
    world.clock.at(world.clock.nowMs() + this.settings.cancelAfterMs, () => {
      if (operation.status === "CANCELING" && this.#remembered(shop.domain, operation)) this.#end(shop, operation, "CANCELED");
    });
    return { bulkOperation: operation, userErrors: [] };
  }

  /** After the world was put back: what was under way then begins again. */
  resume(): void {
    for (const shop of this.#engine.world.state.shops.values()) {
      for (const operation of shop.bulkOperations.values()) {
        if (operation.status === "CANCELING") operation.status = "CANCELED";
        if (!isUnderWay(operation)) continue;
        const reading = readBulkQuery(this.#admin, this.#prepare, operation.query);
        if (!reading.ok) continue;
        Object.assign(operation, { status: "CREATED", objectCount: 0, rootObjectCount: 0 });
        this.#begin(shop, operation, reading.query);
      }
    }
  }

  /** Resolves when everything that is due by the clock has been read and written. */
  settled(): Promise<void> {
    return this.#working === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiters.push(resolve));
  }

  #begin(shop: ShopState, operation: BulkOperation, query: BulkQuery): void {
    const { world, faults } = this.#engine;
    const fault = faults.take(["bulk"], shop.domain);
    const run: Run = { domain: shop.domain, operation, query, nodes: [], next: 0, beganAtMs: 0, parts: [], size: 0, fault };
    world.clock.at(world.clock.nowMs() + this.settings.startAfterMs, () => void this.#work(run));
  }

  async #work(run: Run): Promise<void> {
    this.#working += 1;
    try {
      for (let shop = this.#alive(run); shop; shop = this.#alive(run)) {
        if (run.operation.status === "CREATED") {
          if (!this.#open(shop, run)) return;
        }
        const dueMs = run.beganAtMs + (run.operation.objectCount / this.settings.objectsPerSecond) * 1_000;
        if (dueMs > this.#engine.world.clock.nowMs()) {
          this.#engine.world.clock.at(dueMs, () => void this.#work(run));
          return;
        }
        if (this.#readOn(shop, run) === "over") return;
        await nextTurn();
      }
    } finally {
      this.#working -= 1;
      if (this.#working === 0) for (const resolve of this.#waiters.splice(0)) resolve();
    }
  }

  /** False when it ends before it began. */
  #open(shop: ShopState, run: Run): boolean {
    const { operation, query } = run;
    const { clock } = this.#engine.world;
    const root = this.#admin.schema.getQueryType();
    if (!root || deniedAccess(query.prepared, shop.install?.granted ?? [], root, query.operation)) {
      operation.errorCode = "ACCESS_DENIED";
      this.#end(shop, operation, "FAILED");
      return false;
    }
    operation.status = "RUNNING";
    run.beganAtMs = clock.nowMs();
    run.nodes = this.#roots(shop, query);
    return true;
  }

  #readOn(shop: ShopState, run: Run): "going on" | "over" {
    const { operation, fault } = run;
    const half = run.next >= Math.floor(run.nodes.length / 2);
    if (fault?.kind === "bulk_fails" && half) {
      operation.errorCode = fault.code === "TIMEOUT" || fault.code === "ACCESS_DENIED" ? fault.code : "INTERNAL_SERVER_ERROR";
      this.#fail(shop, run);
      return "over";
    }
    if (fault?.kind === "bulk_never_ends" && half) {
      this.#engine.world.clock.at(run.beganAtMs + RUN_TIME_MAX_MS, () => {
        const later = this.#alive(run);
        operation.errorCode = "TIMEOUT";
        if (later) this.#fail(later, run);
      });
      return "over";
    }
    if (run.next >= run.nodes.length) {
      this.#complete(shop, run);
      return "over";
    }
    const limit = fault ? Math.max(run.next + 1, half ? run.nodes.length : Math.floor(run.nodes.length / 2)) : run.nodes.length;
    const chunk = run.nodes.slice(run.next, Math.min(limit, run.next + CHUNK_OBJECTS));
    if (this.#readChunk(shop, run, chunk)) return "going on";
    operation.errorCode = "INTERNAL_SERVER_ERROR";
    this.#fail(shop, run);
    return "over";
  }

  /** One synchronous moment: these objects as they are now. */
  #readChunk(shop: ShopState, run: Run, chunk: object[]): boolean {
    const { query, operation } = run;
    const connection = { nodes: chunk, edges: chunk.map((node) => ({ node, cursor: "" })) };
    const result = execute({
      schema: this.#admin.schema,
      document: query.document,
      contextValue: this.#context(shop),
      fieldResolver: (source, args: Record<string, unknown>, given: GraphContext, info) => {
        if (info.path.prev === undefined) return connection;
        const whole = String(info.returnType).includes("Connection") ? { ...args, [EVERYTHING]: true } : args;
        return resolverOf(info.parentType.name, info.fieldName)?.(source as never, whole as never, given, String(info.path.key));
      },
      typeResolver: (value, given: GraphContext) => given.typeOf.get(value as object),
    });
    if (result instanceof Promise) throw new Error("Resolvers are synchronous: a chunk is one moment.");
    if (result.errors?.length || !result.data) {
      this.#engine.options.log?.(`simulator: a bulk operation failed: ${result.errors?.[0]?.message ?? "no data"}`);
      return false;
    }
    const { roots, children } = writeLines(query.nodes, result.data[query.responseKey] as Record<string, unknown>);
    // Without grouping children stand somewhere below their parents, not right under them.
    const lines = operation.groupObjects ? roots.flatMap((line, index) => [line, ...(children[index] ?? [])]) : [...roots, ...children.flat()];
    if (lines.length > 0) {
      const part = Buffer.from(`${lines.join("\n")}\n`);
      run.parts.push(part);
      run.size += part.length;
    }
    run.next += chunk.length;
    operation.rootObjectCount += roots.length;
    operation.objectCount += lines.length;
    return true;
  }

  #complete(shop: ShopState, run: Run): void {
    const { operation, fault } = run;
    operation.url = this.#keep(run);
    operation.fileSize = operation.url === null ? null : run.size;
    this.#end(shop, operation, "COMPLETED");
    if (fault?.kind === "bulk_expires") this.#expire(run.domain, operation);
  }

  #fail(shop: ShopState, run: Run): void {
    run.operation.partialDataUrl = this.#keep(run);
    this.#end(shop, run.operation, "FAILED");
  }

  /** Nothing found: no file and no address, as apps know it. */
  #keep(run: Run): string | null {
    const { world } = this.#engine;
    if (run.size === 0) return null;
    const key = `bulk-${run.operation.id}-${world.random.uuid()}.jsonl`;
    this.files.set(key, { domain: run.domain, body: Buffer.concat(run.parts) });
    run.parts = [];
    world.clock.at(world.clock.nowMs() + FILE_LIFE_MS, () => {
      this.files.delete(key);
      this.#expire(run.domain, run.operation);
    });
    return `${this.#engine.origin()}/bulk-files/${key}`;
  }

  #expire(domain: string, operation: BulkOperation): void {
    for (const url of [operation.url, operation.partialDataUrl]) this.files.delete(url?.split("/").at(-1) ?? "");
    if (this.#remembered(domain, operation) && operation.status === "COMPLETED") operation.status = "EXPIRED";
  }

  #end(shop: ShopState, operation: BulkOperation, status: "COMPLETED" | "FAILED" | "CANCELED"): void {
    const { world } = this.#engine;
    operation.status = status;
    operation.completedAtMs = world.clock.nowMs();
    const action = beginAction(world, shop);
    action.tell("bulk_operations/finish", () => bulkFinishPayload(shop, operation));
    action.finish();
  }

  /** The shop, while the operation is still to be worked on: not cancelled, not forgotten by a restored world, the app not removed. */
  #alive({ domain, operation }: Run): ShopState | null {
    const shop = this.#remembered(domain, operation);
    if (!shop || (operation.status !== "CREATED" && operation.status !== "RUNNING")) return null;
    if (shop.install) return shop;
    operation.status = "CANCELED";
    return null;
  }

  #remembered(domain: string, operation: BulkOperation): ShopState | null {
    const shop = this.#engine.world.state.shops.get(domain);
    return shop?.bulkOperations.get(operation.id) === operation ? shop : null;
  }

  #roots(shop: ShopState, query: BulkQuery): object[] {
    const resolve = resolverOf("QueryRoot", query.fieldName);
    if (!resolve) throw new GraphQLError(`The simulator does not support the field QueryRoot.${query.fieldName}`);
    const found = resolve(null as never, { ...query.args, [EVERYTHING]: true } as never, this.#context(shop), query.responseKey) as Connection<object>;
    return found.nodes;
  }

  #context(shop: ShopState): GraphContext {
    const { world, app } = this.#engine;
    return { world, shop, app, admin: this.#admin, offline: true, calls: new Map(), userErrorFault: null, typeOf: new WeakMap(), bulk: this };
  }
}

function refuse(code: string, message: string) {
  return { bulkOperation: null, userErrors: [{ code, field: code === "INVALID" ? ["query"] : null, message }] };
}

function isUnderWay({ status }: BulkOperation): boolean {
  return status === "CREATED" || status === "RUNNING" || status === "CANCELING";
}
