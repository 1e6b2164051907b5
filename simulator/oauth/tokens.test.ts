import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, SHOP } from "../testing/running-simulator.ts";
import type { TestApp } from "../testing/running-simulator.ts";

describe("the simulated token endpoint", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(async () => {
    await app.simulator.close();
  });
  const refresh = (token: unknown) => app.oauth({ grant_type: "refresh_token", refresh_token: String(token) });
  const works = async (token: unknown) => (await app.graphql("{ shop { id } }", {}, String(token))).status === 200;

  it("exchanges a session token for an expiring offline token that dies on the simulated clock", async () => {
    const { status, body } = await app.exchange();
    expect(status).toBe(200);
    expect(body).toMatchObject({ expires_in: 3_600, refresh_token_expires_in: 7_776_000 });
    expect(await works(body["access_token"])).toBe(true);
    app.simulator.control.setClock({ advanceMs: 3_601_000 });
    expect(await works(body["access_token"])).toBe(false);
  });

  it("gives an online token with the person it belongs to", async () => {
    const { token } = app.simulator.control.sessionToken(SHOP, { staff: "77" });
    const { body } = await app.exchange({ subject_token: token, requested_token_type: "urn:shopify:params:oauth:token-type:online-access-token" });
    expect(body).toMatchObject({ associated_user: { id: 77, account_owner: true } });
    expect(await works(body["access_token"])).toBe(true);
  });

  it("gives a person's token only what the person's permissions cover, and takes it away from a token given before", async () => {
    const { control } = app.simulator;
    const exchangeFor = async (staff: string) =>
      (await app.exchange({ subject_token: control.sessionToken(SHOP, { staff }).token, requested_token_type: "urn:shopify:params:oauth:token-type:online-access-token" })).body;
    const mayAdjust = async (token: unknown) => {
      const change = { inventoryItemId: "gid://shopify/InventoryItem/1", locationId: "gid://shopify/Location/1", delta: 1, changeFromQuantity: null };
      const adjust = "mutation($input: InventoryAdjustQuantitiesInput!, $key: String!) { inventoryAdjustQuantities(input: $input) @idempotent(key: $key) { userErrors { code } } }";
      const { body } = await app.graphql(adjust, { input: { name: "available", reason: "correction", changes: [change] }, key: randomUUID() }, String(token));
      return !(body.errors ?? []).some(({ extensions }) => extensions?.["code"] === "ACCESS_DENIED");
    };
    control.setStaff(SHOP, { id: "88", scopes: ["read_orders", "read_inventory", "write_orders"] });
    const picker = await exchangeFor("88");
    expect(picker).toMatchObject({ associated_user: { id: 88, account_owner: false } });
    expect(String(picker["scope"]).split(",")).toContain("write_inventory");
    expect(String(picker["associated_user_scope"]).split(",").toSorted()).toEqual(["read_inventory", "read_orders", "write_orders"]);
    expect(await mayAdjust(picker["access_token"])).toBe(false);
    const owner = await exchangeFor("89");
    expect(await mayAdjust(owner["access_token"])).toBe(true);
    control.setStaff(SHOP, { id: "89", scopes: ["read_orders"] });
    expect(await mayAdjust(owner["access_token"])).toBe(false);
  });

  it("accepts the replaced refresh token until its replacement is used", async () => {
    const first = (await app.exchange()).body;
    const second = (await refresh(first["refresh_token"])).body;
    const third = (await refresh(first["refresh_token"])).body;
    expect(third["access_token"]).not.toBe(second["access_token"]);
    expect(await works(third["access_token"])).toBe(true);
    expect(await refresh(first["refresh_token"])).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect((await refresh(third["refresh_token"])).status).toBe(200);
  });

  it("refuses a forged session token, another shop's, a wrong secret and an unknown grant", async () => {
    const { token } = app.simulator.control.sessionToken(SHOP);
    app.simulator.control.createShop({ shop: "other.myshopify.com" });
    expect((await app.exchange({ subject_token: `${token}x` })).body["error"]).toBe("invalid_subject_token");
    expect((await app.exchange({ subject_token: app.simulator.control.sessionToken("other.myshopify.com").token })).body["error"]).toBe("invalid_subject_token");
    expect((await app.exchange({ client_secret: "wrong" })).status).toBe(400);
    expect((await app.exchange({ grant_type: "password" })).body["error"]).toBe("unsupported_grant_type");
  });

  it("refuses lasting tokens when that is assumed", async () => {
    app.simulator.control.setAssumptions({ lastingTokensAccepted: false });
    expect((await app.exchange({ expiring: "0" })).status).toBe(400);
    app.simulator.control.setAssumptions({ lastingTokensAccepted: true });
  });

  it("fails by name: a fault on `token` answers 503 once", async () => {
    app.simulator.control.addFault({ boundary: "token", kind: "http_5xx" });
    expect((await app.exchange()).status).toBe(503);
    expect((await app.exchange()).status).toBe(200);
  });
});
