// The gate before Shopify: every call of every process goes through it. It sees calls as Shopify would, and breaks some of them.
//
// Two things can be seen here and nowhere else: whether a call's key and content were durable at the moment it arrived, and which calls
// for one item were under way at once, from Shopify's side and from the sender's.
import { Agent, createServer, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Pool } from "pg";
import type { CallFault } from "./faults.ts";

export interface CallEntry {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly delta: number;
}

/** One arrival of `inventoryAdjustQuantities`. Times by the wall clock, in ms. */
export interface ObservedCall {
  readonly shop: string;
  readonly key: string;
  readonly sender: string;
  readonly entries: readonly CallEntry[];
  /** A change by 0: asks what Shopify makes of a key. */
  readonly question: boolean;
  readonly arrivedMs: number;
  /** Until then the sender waited for it. */
  senderUntilMs: number;
  /** When it reached Shopify; later than it arrived at the gate when it travelled. */
  shopifyFromMs: number;
  /** Until then Shopify was at it. */
  shopifyUntilMs: number;
  durable: "yes" | "no" | "unseen";
  fault: PlannedFault["kind"] | null;
}

export interface PlannedFault {
  readonly kind: CallFault | "late_attempt" | "slow_question";
  readonly ms: number;
  readonly index: number | null;
}

export interface GateOptions {
  readonly shopifyOrigin: string;
  /** Of the seed's database, for looking at what is committed. */
  readonly pool: Pool;
  /** What shall befall a call, if anything. */
  decide(call: ObservedCall, earlier: readonly ObservedCall[]): PlannedFault | null;
  /** Tells the simulator to break the call that is passed on next. */
  arrange(call: ObservedCall, fault: PlannedFault): void;
  struck(fault: PlannedFault): void;
}

/** What of a call the key stands for; the same whatever the order of its parts. */
function canonical(entries: readonly CallEntry[]): string {
  return entries.map(({ inventoryItemId, locationId, delta }) => `${tail(inventoryItemId)}@${tail(locationId)}:${delta}`).toSorted().join(",");
}

export class Gate {
  readonly calls: ObservedCall[] = [];
  readonly #options: GateOptions;
  readonly #servers: Server[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 200 });
  readonly #late = new Set<() => void>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** A door for one process, so that its calls are known from others'. */
  async openDoor(sender: string): Promise<string> {
    const server = createServer((incoming, outgoing) => void this.#answer(sender, incoming, outgoing).catch(() => outgoing.destroy()));
    this.#servers.push(server);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** What still travels arrives now. */
  releaseLate(): void {
    for (const release of this.#late) release();
  }

  async close(): Promise<void> {
    this.releaseLate();
    this.#agent.destroy();
    await Promise.all(
      this.#servers.map(
        (server) =>
          new Promise<void>((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      ),
    );
  }

  async #answer(sender: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    const call = toCall(sender, incoming, body);
    if (!call) return this.#forward(incoming, outgoing, body, null);
    const earlier = this.calls.filter(({ key }) => key === call.key);
    this.calls.push(call);
    outgoing.on("close", () => {
      call.senderUntilMs = Date.now();
    });
    // A question changes nothing, so nothing of it need be on record.
    call.durable = call.question ? "unseen" : await this.#isDurable(call);
    const fault = this.#options.decide(call, earlier);
    if (fault) {
      call.fault = fault.kind;
      this.#options.struck(fault);
    }
    if (fault?.kind === "late_attempt") return this.#delay(incoming, outgoing, body, call, fault.ms);
    if (fault) this.#options.arrange(call, fault);
    return this.#forward(incoming, outgoing, body, call);
  }

  /** The sender hears nothing of it; it arrives all the same, once. */
  #delay(incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer, call: ObservedCall, ms: number): void {
    const arrive = () => {
      clearTimeout(timer);
      this.#late.delete(arrive);
      this.#forward(incoming, null, body, call);
    };
    const timer = setTimeout(arrive, ms);
    this.#late.add(arrive);
    // Every other one is told at once that the connection is gone; the rest wait until they give up.
    if (ms % 2 === 0) outgoing.destroy();
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse | null, body: Buffer, call: ObservedCall | null): void {
    const { hostname, port } = new URL(this.#options.shopifyOrigin);
    if (call) call.shopifyFromMs = Date.now();
    const headers = { ...incoming.headers, host: `${hostname}:${port}`, "content-length": String(body.length) };
    delete headers["transfer-encoding"];
    const done = () => {
      if (call) call.shopifyUntilMs = Date.now();
    };
    const onward = httpRequest({ hostname, port, path: incoming.url, method: incoming.method, headers, agent: this.#agent }, (answer) => {
      answer.on("error", () => outgoing?.destroy());
      answer.on("close", () => {
        done();
        if (!answer.complete) outgoing?.destroy();
      });
      if (!outgoing || outgoing.destroyed) return void answer.resume();
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      return undefined;
    });
    onward.on("error", () => {
      done();
      outgoing?.destroy();
    });
    // The sender may go: Shopify does not stop for that.
    outgoing?.on("error", () => undefined);
    onward.end(body);
  }

  async #isDurable(call: ObservedCall): Promise<ObservedCall["durable"]> {
    try {
      const found = await this.#options.pool.query<{ inventory_item_id: string; location_id: string; delta: number }>(
        `SELECT e.inventory_item_id, e.location_id, e.delta FROM mutations m JOIN mutation_entries e ON e.mutation_id = m.id WHERE m.key::text = $1 AND m.shop = $2`,
        [call.key, call.shop],
      );
      const stored = found.rows.map((row) => ({ inventoryItemId: row.inventory_item_id, locationId: row.location_id, delta: row.delta }));
      return canonical(stored) === canonical(call.entries) ? "yes" : "no";
    } catch {
      return "unseen";
    }
  }
}

function toCall(sender: string, incoming: IncomingMessage, body: Buffer): ObservedCall | null {
  if (!body.includes("inventoryAdjustQuantities")) return null;
  const { variables } = JSON.parse(body.toString("utf8")) as { variables: { key: string; input: { changes: CallEntry[] } } };
  const shop = String(incoming.headers["x-forwarded-host"] ?? "");
  const entries = variables.input.changes;
  return { shop, key: variables.key, sender, entries, question: entries.every(({ delta }) => delta === 0), arrivedMs: Date.now(), senderUntilMs: Infinity, shopifyFromMs: Infinity, shopifyUntilMs: Infinity, durable: "unseen", fault: null };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export function tail(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
