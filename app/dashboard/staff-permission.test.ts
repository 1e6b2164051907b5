// Who may change stock, by what Shopify says of the person.
import { describe, expect, it, vi } from "vitest";

import { type PersonScopes, personScopesOf, readStockPermission, refusedToPerson } from "./staff-permission.server.ts";

const APP = ["read_inventory", "write_inventory"];
const VIEWER: PersonScopes = { accountOwner: false, scopes: ["read_inventory"] };
const KEEPER: PersonScopes = { accountOwner: false, scopes: ["read_inventory", "write_inventory"] };

const ask = async (person: PersonScopes | null, now: PersonScopes | null = person, appScopes: readonly string[] = APP) => {
  const askShopify = vi.fn<() => Promise<PersonScopes | null>>(() => Promise.resolve(now));
  return { permission: await readStockPermission({ appScopes, person, askShopify }), asked: askShopify.mock.calls.length };
};

describe("the permission to change stock", () => {
  it("is the person's own, and known without asking Shopify while the session says yes", async () => {
    expect(await ask(KEEPER)).toEqual({ permission: "granted", asked: 0 });
    expect(await ask({ accountOwner: true, scopes: [] })).toEqual({ permission: "granted", asked: 0 });
  });

  it("is refused only by what Shopify says now: a session may be older than the permission", async () => {
    expect(await ask(VIEWER)).toEqual({ permission: "refused", asked: 1 });
    expect(await ask(VIEWER, KEEPER)).toEqual({ permission: "granted", asked: 1 });
    expect(await ask(VIEWER, null)).toEqual({ permission: "refused", asked: 1 });
  });

  it("is refused to nobody in particular: without a person nobody's permission could be asked for", async () => {
    expect(await ask(null)).toEqual({ permission: "refused", asked: 0 });
  });

  it("cannot be told before the app itself may change stock, when nothing of it can reach Shopify", async () => {
    expect(await ask(VIEWER, VIEWER, ["read_inventory"])).toEqual({ permission: "unknown", asked: 0 });
  });

  it("stops an act before it begins", async () => {
    expect(await refusedToPerson({ mayChangeStock: () => Promise.resolve(false) })).toEqual({ kind: "not_permitted" });
    expect(await refusedToPerson({ mayChangeStock: () => Promise.resolve(true) })).toBeNull();
  });
});

describe("what a session says of the person", () => {
  it("comes from the fresh answer, or from the session's own scope once it was stored", () => {
    const user = { account_owner: false };
    expect(personScopesOf({ isOnline: true, scope: "write_inventory", onlineAccessInfo: { associated_user_scope: "read_orders, read_inventory", associated_user: user } })).toEqual({
      accountOwner: false,
      scopes: ["read_orders", "read_inventory"],
    });
    expect(personScopesOf({ isOnline: true, scope: "read_orders", onlineAccessInfo: { associated_user: user } })).toEqual({ accountOwner: false, scopes: ["read_orders"] });
    expect(personScopesOf({ isOnline: true, onlineAccessInfo: { associated_user_scope: "", associated_user: { account_owner: true } } })).toEqual({ accountOwner: true, scopes: [] });
  });

  it("is nothing for the app's own session", () => {
    expect(personScopesOf({ isOnline: false, scope: "write_inventory" })).toBeNull();
  });
});
