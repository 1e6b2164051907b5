// Goal: no row of one shop is reachable from another, through any route there is, and nobody changes stock through Holdfast who may not in Shopify.
// Method: every route file on the disk is called with the ids of a shop that has a row behind every page, by another shop and by a person
// without the permission; the rows of the shop are compared before and after, table by table. The same calls by the shop itself show that
// the ids are good.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openAppRoutes, type AppRoute, type AppRoutes } from "#tests/setup/app-routes.ts";
import { openFullShop, type FullShop } from "#tests/setup/full-shop.ts";
import { openHouse, type House } from "#tests/setup/house.ts";
import { OTHER_ROUTES, sampleActs, sampleBody, sampleParameters, sampleQuery } from "#tests/setup/route-samples.ts";

/** Of the shop, but may look only. */
const VIEWER = "7001";

let house: House;
let app: AppRoutes;
let theirs: FullShop;
let ours: FullShop;

beforeAll(async () => {
  house = await openHouse();
  app = await openAppRoutes(house);
  theirs = await openFullShop(house, "theirs", { saves: 3 });
  ours = await openFullShop(house, "ours");
  house.simulator.control.setStaff(theirs.shop, { id: VIEWER, scopes: ["read_orders", "read_products", "read_inventory", "read_locations"] });
  // Whatever follows from opening the app for the first time has happened.
  for (const route of embedded("loader")) await app.load(route, theirs.shop, { parameters: sampleParameters(route, theirs) });
});
afterAll(() => house.close());

const embedded = (what: "loader" | "action") => app.routes.filter(({ kind, module }) => kind === "embedded" && module[what] !== undefined);
const api = (what: "loader" | "action") => app.routes.filter(({ kind, module }) => kind === "api" && module[what] !== undefined);
const marksIn = (text: string, { marks }: FullShop) => marks.filter((mark) => text.includes(mark));
const hasSplat = ({ parameters }: AppRoute) => parameters.includes("*");

/** A fingerprint of all rows of an install, by table: what changed is in the difference. */
async function rowsOf({ installId }: FullShop): Promise<Record<string, string>> {
  const { database } = house.composed;
  const tables = await database.query<{ name: string }>(
    `SELECT DISTINCT c.table_name::text AS name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND c.column_name = 'install_id' AND t.table_type = 'BASE TABLE' ORDER BY 1`,
  );
  expect(tables.length).toBeGreaterThan(30);
  const found: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await database.query<{ print: string }>(
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(r::text, '|' ORDER BY r::text)), '') AS print FROM "${name}" r WHERE install_id = $1`,
      installId,
    );
    found[name] = row?.print ?? "";
  }
  // When its scopes were last read is written whenever a person's permission is asked for.
  const [install] = await database.query<{ print: string }>(`SELECT md5((to_jsonb(i) - 'scopes_at')::text) AS print FROM installs i WHERE id = $1`, installId);
  return { ...found, installs: install?.print ?? "" };
}

describe("every route", () => {
  it("is an embedded page, an endpoint of the API, or one of the few others of which it is written down what keeps shops apart there", () => {
    const others = app.routes.filter(({ kind }) => kind === "other").map(({ path }) => path);
    expect(others.toSorted()).toEqual(Object.keys(OTHER_ROUTES).toSorted());
  });
});

describe("every embedded page", () => {
  it("answers the shop itself, and 404 to another shop that asks for one of its things", async () => {
    const asked: string[] = [];
    for (const route of embedded("loader").filter(({ parameters }) => parameters.length > 0)) {
      const parameters = sampleParameters(route, theirs);
      const own = await app.load(route, theirs.shop, { parameters });
      const foreign = await app.load(route, ours.shop, { parameters });
      expect({ file: route.file, own: own.status, foreign: foreign.status }).toEqual({ file: route.file, own: hasSplat(route) ? 404 : 200, foreign: 404 });
      expect(marksIn(foreign.text, theirs)).toEqual([]);
      asked.push(route.path);
    }
    expect(asked).toContain("/app/holds/:id");
  });

  it("shows nothing of another shop", async () => {
    const shown = new Set<string>();
    for (const route of embedded("loader").filter(({ parameters }) => parameters.length === 0)) {
      const foreign = await app.load(route, ours.shop);
      expect({ file: route.file, status: foreign.status, marks: marksIn(foreign.text, theirs) }).toEqual({ file: route.file, status: 200, marks: [] });
      for (const mark of marksIn(foreign.text, ours)) shown.add(mark);
    }
    // Its own rows are on the pages: the walk looks at answers in which a row could have been seen.
    expect(shown.size).toBeGreaterThan(4);
  });

  it("is closed to whoever has no session of a shop", async () => {
    for (const route of embedded("loader")) {
      const answer = await app.load(route, theirs.shop, { parameters: sampleParameters(route, theirs), authorization: "Bearer forged.token.here" });
      expect({ file: route.file, open: answer.status === 200 }).toEqual({ file: route.file, open: false });
      expect(marksIn(answer.text, theirs)).toEqual([]);
    }
  });
});

describe("every act", () => {
  it("of another shop changes no row of this one, whatever ids it names", async () => {
    const before = await rowsOf(theirs);
    for (const route of embedded("action")) {
      for (const { form } of sampleActs(route)) {
        const answer = await app.act(route, ours.shop, form(theirs), { parameters: sampleParameters(route, theirs) });
        expect({ file: route.file, form: form(theirs), failed: answer.status >= 500, marks: marksIn(answer.text, theirs) }).toEqual({ file: route.file, form: form(theirs), failed: false, marks: [] });
      }
    }
    expect(await rowsOf(theirs)).toEqual(before);
  });

  it("of a person who may not manage inventory in Shopify is refused in so many words, and changes nothing", async () => {
    const before = await rowsOf(theirs);
    for (const route of embedded("action")) {
      for (const { form, forEverybody } of sampleActs(route)) {
        if (forEverybody !== undefined) continue;
        const answer = await app.act(route, theirs.shop, form(theirs), { parameters: sampleParameters(route, theirs), staff: VIEWER });
        expect({ file: route.file, form: form(theirs), answer: answer.data }).toEqual({ file: route.file, form: form(theirs), answer: { kind: "not_permitted" } });
      }
    }
    expect(await rowsOf(theirs)).toEqual(before);
  });

  it("is that person's again at once when Shopify gives the permission: the session from before does not count", async () => {
    const route = app.routes.find(({ path }) => path === "/app/holds");
    if (route === undefined) throw new Error("there is a page of holds");
    const form = { act: "release", id: theirs.holdId };
    house.simulator.control.setStaff(theirs.shop, { id: VIEWER, scopes: ["read_inventory", "write_inventory"] });
    expect((await app.act(route, theirs.shop, form, { staff: VIEWER })).data).toEqual({ kind: "released", outcome: "ended" });
    const [entry] = await house.composed.database.query<{ by: string }>(`SELECT finished_by AS by FROM reservations WHERE id = $1::uuid`, theirs.holdId);
    expect(entry?.by).toBe(`staff:${VIEWER}`);
  });

  it("of the shop's owner with the same ids is understood, so the refusals were not for want of sense", async () => {
    const before = await rowsOf(theirs);
    for (const route of embedded("action")) {
      for (const { form } of sampleActs(route)) {
        const answer = await app.act(route, theirs.shop, form(theirs), { parameters: sampleParameters(route, theirs) });
        const notDone = ["not_understood", "not_permitted", "failed"].find((kind) => kind === kindOf(answer.data));
        expect({ file: route.file, form: form(theirs), refused: answer.status >= 400, notDone }).toEqual({ file: route.file, form: form(theirs), refused: false, notDone: undefined });
      }
    }
    expect(await rowsOf(theirs)).not.toEqual(before);
  });
});

describe("every endpoint of the API", () => {
  it("answers 404, or nothing, to another shop's token", async () => {
    for (const route of api("loader")) {
      const request = { parameters: sampleParameters(route, theirs), query: sampleQuery(route, theirs) };
      const foreign = await app.call(route, ours.token, request);
      expect({ file: route.file, failed: foreign.status >= 500, marks: marksIn(withoutQuestion(foreign.text), theirs) }).toEqual({ file: route.file, failed: false, marks: [] });
      expect({ file: route.file, answered: route.parameters.length > 0 && foreign.status < 400 }).toEqual({ file: route.file, answered: false });
    }
  });

  it("changes nothing for another shop's token, and nothing for a token of no shop", async () => {
    const before = await rowsOf(theirs);
    for (const route of api("action")) {
      for (const [token, method] of [[ours.token, "POST"], [ours.token, "PUT"], ["hf_nobody", "POST"]] as const) {
        const foreign = await app.call(route, token, { parameters: sampleParameters(route, theirs), method, body: sampleBody(route, theirs) });
        expect({ file: route.file, refused: foreign.status >= 400 && foreign.status < 500 }).toEqual({ file: route.file, refused: true });
      }
    }
    expect(await rowsOf(theirs)).toEqual(before);
  });
});

const kindOf = (data: unknown) => (typeof data === "object" && data !== null && "kind" in data ? data.kind : null);
/** An answer may say which id was not found. */
const withoutQuestion = (text: string) => text.replaceAll(/"message":"[^"]*"/g, "");
