// A merchant's stock system for tests: takes pushes over HTTP, remembers keys, and says what was wrong with what it was sent.
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";

import { pushChanges } from "#app/external/push-changes.server.ts";
import type { ExternalPorts, PushRun } from "#app/external/push-changes.server.ts";
import { type House, type HouseShop, openHouse } from "#tests/setup/house.ts";

export interface TakenPush {
  readonly id: string;
  readonly sequence: number;
  readonly inventoryItemId: string;
  readonly delta: number;
  readonly changeId: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly orderName: string | null;
}

/** What the receiver does with a request: `before` it takes it, or `after`, it fails by a status or by cutting the line (status 0). */
export type ReceiverFault = { readonly when: "before" | "after"; readonly status: number; readonly retryAfter?: string };

export interface StockSystem {
  readonly url: string;
  /** As taken: each key once. */
  readonly taken: TakenPush[];
  /** Requests that came, in their order. */
  readonly requests: { readonly key: string; readonly sequence: number; readonly body: string; readonly headers: IncomingMessage["headers"] }[];
  /** What a receiver that trusts nobody complains about: wrong signatures, gaps, pushes out of order, another body under a known key. */
  readonly complaints: string[];
  secret: string;
  fault: (push: TakenPush) => ReceiverFault | null;
  /** Awaited before anything is taken. */
  gate: (push: TakenPush) => Promise<void>;
  close(): Promise<void>;
}

export async function openStockSystem(): Promise<StockSystem> {
  const bodies = new Map<string, string>();
  const lastSequence = new Map<string, number>();
  const system: StockSystem = { url: "", taken: [], requests: [], complaints: [], secret: "", fault: () => null, gate: () => Promise.resolve(), close: () => Promise.resolve() };

  function take(push: TakenPush, body: string): void {
    const known = bodies.get(push.id);
    if (known !== undefined) {
      if (known !== body) system.complaints.push(`another body under key ${push.id}`);
      return;
    }
    bodies.set(push.id, body);
    const last = lastSequence.get(push.inventoryItemId) ?? 0;
    if (push.sequence !== last + 1) system.complaints.push(`${push.inventoryItemId}: ${push.sequence} came after ${last}`);
    lastSequence.set(push.inventoryItemId, push.sequence);
    system.taken.push(push);
  }

  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString("utf8");
      const push = JSON.parse(body) as TakenPush;
      const expected = `sha256=${createHmac("sha256", system.secret).update(body).digest("hex")}`;
      if (incoming.headers["x-holdfast-signature"] !== expected) system.complaints.push("a signature is wrong");
      if (incoming.headers["idempotency-key"] !== push.id) system.complaints.push("the key is not the body's");
      system.requests.push({ key: push.id, sequence: push.sequence, body, headers: incoming.headers });
      await system.gate(push);
      const fault = system.fault(push);
      if (fault?.when !== "before") take(push, body);
      if (fault?.status === 0) incoming.socket.destroy();
      else outgoing.writeHead(fault?.status ?? 200, fault?.retryAfter === undefined ? {} : { "Retry-After": fault.retryAfter }).end("ok");
    })();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return Object.assign(system, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/stock`,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  });
}

/** A house for all tests of a file, and a stock system of its own for each: both are given before a test begins. */
export function useStockSystem(give: (opened: { readonly house: House; readonly system: StockSystem }) => void): void {
  let house: House;
  let system: StockSystem;
  beforeAll(async () => {
    house = await openHouse();
  });
  afterAll(() => house.close());
  beforeEach(async () => {
    system = await openStockSystem();
    give({ house, system });
  });
  afterEach(() => system.close());
}

/** The shop protects, its changes go to `system`. */
export async function connect(house: House, shop: HouseShop, system: StockSystem): Promise<void> {
  system.secret = await house.composed.external.desk.renewSecret({ installId: shop.installId, shop: shop.shop, actor: "test" });
  await house.settings(shop, (settings) => ({ ...settings, external: { enabled: true, url: system.url } }));
}

/** One run for the shop, if it has something due. */
export async function run(house: House, shop: HouseShop, ports: Partial<ExternalPorts> = {}): Promise<PushRun | null> {
  const all = { ...house.composed.external.ports, ...ports };
  const found = (await all.externalPushes.shopsDue(100, null)).find(({ installId }) => installId === shop.installId);
  return found === undefined ? null : pushChanges(all, found, new AbortController().signal);
}

/** As if every wait were over. */
export async function passTime({ composed: { database } }: House, shop: HouseShop): Promise<void> {
  await database.execute(`UPDATE external_lanes SET due_at = now() WHERE install_id = $1 AND due_at > now()`, shop.installId);
  await database.execute(`UPDATE external_systems SET paused_until = NULL WHERE install_id = $1`, shop.installId);
}

const RUNS_MAX = 2_000;

/** Runs until nothing is left that may be pushed without a person. */
export async function pushEverything(house: House, shop: HouseShop, ports: Partial<ExternalPorts> = {}): Promise<void> {
  for (let count = 0; count < RUNS_MAX; count += 1) {
    if ((await run(house, shop, ports)) === null) {
      const [open] = await house.composed.database.query(`SELECT 1 FROM external_lanes WHERE install_id = $1 AND done_sequence < last_sequence AND NOT blocked LIMIT 1`, shop.installId);
      if (open === undefined) return;
    }
    await passTime(house, shop);
  }
  throw new Error(`something is still to be pushed after ${RUNS_MAX} runs`);
}

/** Differences between what our ledger says was applied (corrections aside) and what the receiver took; empty when they agree, effect by effect. */
export async function receiverDifferences(house: House, shop: HouseShop, system: StockSystem): Promise<string[]> {
  const applied = await house.composed.database.query<{ id: bigint; delta: number; item: string }>(
    `SELECT id, delta, inventory_item_id AS item FROM changes WHERE install_id = $1 AND state = 'applied' AND cause <> 'correction'`,
    shop.installId,
  );
  const ours = applied.map((change) => nameOf(String(change.id), change.item, change.delta)).toSorted();
  const theirs = system.taken.map((push) => nameOf(push.changeId, push.inventoryItemId, push.delta)).toSorted();
  return [
    ...system.complaints,
    ...ours.filter((entry) => !theirs.includes(entry)).map((entry) => `not told: ${entry}`),
    ...theirs.filter((entry, index) => !ours.includes(entry) || theirs.indexOf(entry) !== index).map((entry) => `told too much: ${entry}`),
  ];
}

function nameOf(changeId: string, inventoryItemId: string, delta: number): string {
  return `change ${changeId} of ${inventoryItemId.split("/").at(-1)}: ${delta}`;
}
