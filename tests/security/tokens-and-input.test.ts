// Goal: a stolen token is of little use and of none once revoked, bad input is refused and not worked on, no list is without an end, and keys can be replaced.
// Method: the API's own route files and the embedded pages' own actions in one house; what lies in the database is read as text, column by column.
// Beside each guard what the same attack does where there is none.
import { randomBytes } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createTokenCipher, keyId } from "#app/adapters/crypto/token-cipher.ts";
import { createAlertSecrets } from "#app/adapters/prisma/alert-secrets.server.ts";
import { sessionContext } from "#app/adapters/shopify/sealed-sessions.server.ts";
import { compose } from "#app/composition.server.ts";
import { createTokenGuesses, FAILED_GUESSES_MAX } from "#app/api/token-guesses.ts";
import { keysRotate } from "../../cli/keys.ts";
import { NO_OPTIONS } from "../../cli/command.ts";
import { openAppRoutes, type AppRoutes } from "#tests/setup/app-routes.ts";
import { openHouse, type House, type HouseShop } from "#tests/setup/house.ts";

/** What spreadsheets, browsers, mails and terminals would run. */
const HOSTILE = "=HYPERLINK(\"https://evil.example\");+1\r\n<script>alert(1)</script>";

let house: House;
let app: AppRoutes;
let shop: HouseShop;
beforeAll(async () => {
  house = await openHouse();
  app = await openAppRoutes(house);
  shop = await house.openShop();
  const [variant] = house.simulator.control.createProduct(shop.shop, { title: HOSTILE, variants: [{ sku: "@SUM(A1)", levels: [{ locationId: shop.locationIds[0] ?? "", available: 10 }] }] }).variants;
  await house.protect(shop);
  const placed = house.simulator.control.placeOrder(shop.shop, { channel: "api", sourceName: "my-channel", lines: [{ variantId: variant?.variantId ?? "", quantity: 1 }] });
  if ("refused" in placed) throw new Error("the order was refused");
  await house.settle(shop.shop);
});
afterAll(() => house.close());

async function newToken(): Promise<{ token: string; id: string }> {
  const made = await house.composed.apiTokenStore.create({ installId: shop.installId, label: "stolen", actor: "test" });
  if (made.kind !== "created") throw new Error("no token was made");
  return made;
}

function route(path: string) {
  const found = app.routes.find((one) => one.path === path);
  if (found === undefined) throw new Error(`there is no ${path}`);
  return found;
}

/** Every row of every table as text. */
async function everythingStored(): Promise<string> {
  const { database } = house.composed;
  const tables = await database.query<{ name: string }>(`SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`);
  const texts: string[] = [];
  for (const { name } of tables) for (const row of await database.query<{ row: string }>(`SELECT r::text AS row FROM "${name}" r`)) texts.push(row.row);
  return texts.join("\n");
}

const sealedUnder = (stored: string, key: Uint8Array) => stored.split(`hf1.${keyId(key)}.`).length - 1;

describe("a stolen API token", () => {
  it("opens its own shop only, is told apart by its last use, and opens nothing from the moment it is revoked", async () => {
    const { token, id } = await newToken();
    expect((await app.call(route("/api/v1/changes"), token)).status).toBe(200);
    const [listed] = (await house.composed.apiTokenStore.list(shop.installId)).filter((one) => one.id === id);
    expect(listed?.lastUsedAt).toBeInstanceOf(Date);
    await house.composed.apiTokenStore.revoke({ installId: shop.installId, id, actor: "test" });
    expect((await app.call(route("/api/v1/changes"), token)).status).toBe(401);
    // The rush's endpoints remember a caller for a moment: not one that was revoked.
    expect((await app.call(route("/api/v1/stock"), token, { query: "?inventoryItemId=1&locationId=1" })).status).toBe(401);
  });

  it("is not to be had from the database: neither it nor an access token of Shopify's is stored readably", async () => {
    const { token } = await newToken();
    const session = await house.composed.shopify.sessionStorage.loadSession(`offline_${shop.shop}`);
    const secrets = [token, token.slice(3), String(session?.accessToken)];
    const readable = async () => {
      const stored = await everythingStored();
      return secrets.filter((secret) => stored.includes(secret));
    };
    expect(await readable()).toEqual([]);
    // As the session library's own table and a table of plain tokens would have them: the search finds both.
    const { database } = house.composed;
    const [sealed] = await database.query<{ accessToken: string }>(`SELECT "accessToken" FROM "Session" WHERE id = $1`, `offline_${shop.shop}`);
    await database.execute(`UPDATE "Session" SET "accessToken" = $2 WHERE id = $1`, `offline_${shop.shop}`, String(session?.accessToken));
    await house.composed.apiTokenStore.create({ installId: shop.installId, label: token, actor: "test" });
    expect(await readable()).toEqual(secrets);
    await database.execute(`UPDATE "Session" SET "accessToken" = $2 WHERE id = $1`, `offline_${shop.shop}`, sealed?.accessToken ?? "");
    await database.execute("DELETE FROM api_tokens WHERE label = $1", token);
  });
});

describe("oversized and deeply nested input", () => {
  it("is refused by the API: too large, or no JSON", async () => {
    const { token } = await newToken();
    const put = async (body: string) => {
      const request = new Request("http://127.0.0.1/api/v1/settings", { method: "PUT", headers: { Authorization: `Bearer ${token}` }, body });
      const answer = await route("/api/v1/settings").module.action?.({ request, params: {}, context: {} });
      return answer instanceof Response ? answer.status : null;
    };
    expect(await put(" ".repeat(70_000))).toBe(413);
    expect(await put("[".repeat(60_000))).toBe(400);
    expect([400, 422]).toContain(await put(`${'{"a":'.repeat(9_000)}1${"}".repeat(9_000)}`));
    expect(await put('{"__proto__": {"version": 1}}')).toBe(422);
  });

  it("would be taken whole, and end who walks through it by recursion, where nothing bounds it", async () => {
    const taken = await new Request("http://127.0.0.1/", { method: "PUT", body: " ".repeat(70_000) }).text();
    expect(taken).toHaveLength(70_000);
    const depthOf = (value: unknown): number => (Array.isArray(value) ? 1 + Math.max(0, ...value.map(depthOf)) : 0);
    expect(() => depthOf(JSON.parse(`${"[".repeat(60_000)}${"]".repeat(60_000)}`))).toThrow(RangeError);
    // What a merge of settings without a list of names does with it.
    const settings: object = Object.assign({}, { mode: "observe" });
    const merge = (into: Record<string, unknown>, from: Record<string, unknown>): void => {
      for (const name of Object.keys(from)) {
        const [own, given] = [into[name], from[name]];
        if (typeof own === "object" && own !== null && typeof given === "object" && given !== null) merge(own as Record<string, unknown>, given as Record<string, unknown>);
        else into[name] = given;
      }
    };
    merge(settings as Record<string, unknown>, JSON.parse('{"__proto__": {"holdfastPolluted": 1}}'));
    expect(({} as Record<string, unknown>)["holdfastPolluted"]).toBe(1);
    Reflect.deleteProperty(Object.prototype, "holdfastPolluted");
  });

  it("is refused by an import of settings, in words", async () => {
    const check = async (text: string) => (await app.act(route("/app/settings/transfer"), shop.shop, { intent: "check-import", text })).data;
    expect(await check("x".repeat(3_000_001))).toEqual({ kind: "not_json" });
    expect(await check(`${'{"bundles":'.repeat(100_000)}1${"}".repeat(100_000)}`)).toMatchObject({ kind: expect.stringMatching(/not_json|faults/) });
    expect(await check(`{"bundles": [${Array.from({ length: 20_000 }, () => "{}").join(",")}]}`)).toMatchObject({ kind: "faults" });
  });
});

describe("header injection", () => {
  it("finds no header to get into: a mail's address, a shop's name, a file's name", async () => {
    const current = await house.composed.settingsStore.current(shop.installId);
    const save = async (target: string, kind: string) =>
      (await app.act(route("/app/settings/alerts"), shop.shop, { intent: "save", document: JSON.stringify({ ...current, alerts: [{ kind, target, on: ["oversell"], threshold: {} }] }) })).data;
    const injected = "a@example.com\r\nBcc: all@example.com";
    for (const target of [injected, "a@example.com, b@example.com", "a@example.com\u0000", "<a@example.com>"]) expect(await save(target, "email")).toMatchObject({ kind: "faults" });
    // In a mail that is put together from it there is a second header.
    expect(`To: ${injected}\r\nSubject: s\r\n`.split("\r\n")).toContain("Bcc: all@example.com");
    for (const target of ["https://a.example/\r\nX: 1 ", "https://a.example /x", "http://a.example/"]) expect(await save(target, "webhook")).toMatchObject({ kind: "faults" });
  });
});

describe("an address of the operator's own network", () => {
  it("is called neither by an alert nor by a push, wherever requests go to Shopify itself", async () => {
    const production = compose({ ...house.environment, shopify: { ...house.environment.shopify, originOverride: null } }, "cli", { redisPrefix: house.redisPrefix });
    try {
      const text = { title: "t", sentences: [], fields: [], more: [], link: { label: "l", url: "https://a.example" }, footer: "f" };
      for (const url of [`${house.simulator.origin}/x`, "https://127.0.0.1/x", "https://localhost/x", "https://[::ffff:7f00:1]/x"]) {
        const { signal } = new AbortController();
        expect(await production.external.ports.externalReceiver.post({ url, headers: {}, body: "{}", signal })).toMatchObject({ kind: "address_refused" });
        const sent = await production.alerts.channels.slack({ installId: shop.installId, shop: shop.shop, target: url, messageKey: "k", follows: null, text, content: null, signingSecret: null, signal });
        expect(sent.kind).toBe("refused");
      }
      // The same push with the rule for development, which lets this machine through: it arrives.
      const { signal } = new AbortController();
      expect(await house.composed.external.ports.externalReceiver.post({ url: `${house.simulator.origin}/no/such/page`, headers: {}, body: "{}", signal })).not.toMatchObject({ kind: "address_refused" });
    } finally {
      await production.close();
    }
  });
});

describe("a list", () => {
  it("gives at most 250 rows at a time, on every endpoint that gives any", async () => {
    const { token } = await newToken();
    // One document each.
    const single = ["/api/v1/settings", "/api/v1/shadow-verdict", "/api/v1/stock"];
    const lists = app.routes.filter(({ kind, parameters, module, path }) => kind === "api" && parameters.length === 0 && module.loader !== undefined && !single.includes(path));
    expect(lists.length).toBeGreaterThan(6);
    for (const { path } of lists) {
      // The most that may be asked for is answered: it is the number that is refused.
      expect({ path, status: (await app.call(route(path), token, { query: "?limit=250" })).status }).toEqual({ path, status: 200 });
      for (const limit of ["251", "0", "-1", "1e9", "9".repeat(400)]) expect({ path, limit, status: (await app.call(route(path), token, { query: `?limit=${limit}` })).status }).toMatchObject({ status: expect.toSatisfy((status: number) => [400, 405, 422].includes(status)) });
    }
  });

  it("of a page takes no size from its address: whatever is asked for, a page of it comes", async () => {
    for (const { path, parameters, module, kind } of app.routes) {
      if (kind !== "embedded" || parameters.length > 0 || module.loader === undefined) continue;
      const { status } = await app.load(route(path), shop.shop, { query: "?limit=1000000&from=0001-01-01&to=9999-12-31&period=99999d&q=%25%25%25%25&cursor=%00" });
      expect({ path, status }).toEqual({ path, status: 200 });
    }
  });
});

describe("a file of the stock history", () => {
  it("runs nothing in a spreadsheet, whatever products, orders and SKUs are called", async () => {
    const { token } = await newToken();
    const { text } = await app.call(route("/api/v1/changes"), token, { query: "?format=csv" });
    expect(text).toContain("HYPERLINK");
    // As comma, semicolon and tab editions would split it.
    const formulas = (file: string) => file.split(/[,;\t\n]/).map((cell) => cell.replace(/^[\s"]+/, "")).filter((cell) => /^[=+@]/.test(cell) || /^-(?!\d+\r?$)/.test(cell));
    expect(formulas(text)).toEqual([]);
    // The same names, quoted as RFC 4180 wants and no more.
    const [{ title, sku }] = (await house.composed.database.query<{ title: string; sku: string }>("SELECT title, sku FROM changes WHERE sku LIKE '@%' LIMIT 1")) as [{ title: string; sku: string }];
    const quoted = [title, sku].map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",");
    expect(formulas(quoted)).toEqual(expect.arrayContaining([expect.stringContaining("=HYPERLINK"), expect.stringContaining("+1"), expect.stringContaining("@SUM")]));
  });
});

describe("the key that secrets are encrypted with", () => {
  it("is replaced while the app runs: in an order in which every process can read everything at every moment", async () => {
    const { database, config } = house.composed;
    const [before] = config.encryptionKeys;
    const after = new Uint8Array(randomBytes(32));
    const inOldOrder = createTokenCipher([before, after]);
    const inNewOrder = createTokenCipher([after, before]);
    const secrets = createAlertSecrets(database, createTokenCipher([before]));
    const signing = await secrets.signingSecret(shop.installId);
    await house.composed.external.desk.renewSecret({ installId: shop.installId, shop: shop.shop, actor: "test" });
    const session = await house.composed.shopify.sessionStorage.loadSession(`offline_${shop.shop}`);

    // Who knows the new key alone cannot read what others still write: that is why both are given out before one of them takes over.
    const written = inNewOrder.encrypt("x", "c");
    expect(() => createTokenCipher([before]).decrypt(written, "c")).toThrow("ENCRYPTION_KEY_PREVIOUS");
    expect(inOldOrder.decrypt(written, "c")).toBe("x");

    const rotated = compose({ ...house.environment, encryptionKeys: [after, before] }, "cli", { redisPrefix: house.redisPrefix });
    try {
      // As the program that runs commands waits for it: without its lock a token is left to the next run.
      await rotated.redis.connected();
      const run = (dryRun: boolean) => keysRotate.run({ composed: rotated, options: { ...NO_OPTIONS, dryRun } });
      // Two tokens of the shop, one of each person who was here, and both secrets.
      const count = sealedUnder(await everythingStored(), before);
      expect(count).toBeGreaterThan(4);
      expect(await run(true)).toMatchObject({ ok: true, value: { resealedCount: count, byKey: { [keyId(before)]: count } } });
      expect(await run(false)).toMatchObject({ ok: true, value: { resealedCount: count, leftCount: 0, unreadable: [] } });
      expect(await run(false)).toMatchObject({ ok: true, value: { presentCount: count, resealedCount: 0 } });
      // No column is forgotten: nothing in the whole database lies under the old key.
      expect([sealedUnder(await everythingStored(), before), sealedUnder(await everythingStored(), after)]).toEqual([0, count]);
    } finally {
      await rotated.close();
    }
    const newOnly = createTokenCipher([after]);
    expect(await createAlertSecrets(database, newOnly).signingSecret(shop.installId)).toBe(signing);
    const [stored] = await database.query<{ accessToken: string }>(`SELECT "accessToken" FROM "Session" WHERE id = $1`, `offline_${shop.shop}`);
    expect(newOnly.decrypt(stored?.accessToken ?? "", sessionContext(`offline_${shop.shop}`, "accessToken"))).toBe(session?.accessToken);
  });
});

// Last: whoever is not known yet must wait a minute after it.
describe("guessing tokens over HTTP", () => {
  it("ends in 429 for who does it, while a token that works goes on from the same address", async () => {
    const { token } = await newToken();
    expect((await app.call(route("/api/v1/drift"), token)).status).toBe(200);
    const statuses = new Map<number, number>();
    for (let count = 0; count < FAILED_GUESSES_MAX + 20; count += 1) {
      const { status } = await app.call(route("/api/v1/drift"), `hf_${randomBytes(32).toString("base64url")}`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([statuses.has(401), (statuses.get(429) ?? 0) >= 20]).toEqual([true, true]);
    // Without the count each of them is a look-up: where nobody is told of misses, none is kept waiting.
    const uncounted = createTokenGuesses(() => 0);
    expect(Array.from({ length: FAILED_GUESSES_MAX + 20 }, (_, count) => uncounted.mustWaitSeconds("203.0.113.9", `hf_${count}`)).every((seconds) => seconds === null)).toBe(true);
    expect((await app.call(route("/api/v1/drift"), token)).status).toBe(200);
  });
});
