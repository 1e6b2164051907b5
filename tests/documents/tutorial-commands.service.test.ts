// Goal: who types the commands of docs/tutorials/hold-stock-in-your-checkout.md gets the answers that the page shows.
// Method: each sample is given to a shell as it stands on the page; curl asks a real Holdfast, before the simulated Shopify.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, expect, it } from "vitest";

import { openReservationApi, type ReservationApi } from "../race/check-then-charge-api.ts";
import { readDocument, ROOT } from "./read-documents.ts";

const PAGE = "docs/tutorials/hold-stock-in-your-checkout.md";
const run = promisify(execFile);
const NOT_NOW = new Set(["stock_unconfirmed", "try_again", "shopify_unavailable"]);

interface Answer {
  readonly id: string;
  readonly expiresAt: string;
  readonly error?: { readonly code: string };
}

let api: ReservationApi;
beforeAll(async () => {
  api = await openReservationApi();
});
afterAll(() => api.close());

/** The sample whose request goes to this path. */
function commandOf(path: string): string {
  const samples = readDocument(PAGE, readFileSync(join(ROOT, PAGE), "utf8")).samples.filter(({ language, text }) => language === "sh" && text.includes(`$APP/api/v1/reservations${path}"`));
  expect(samples).toHaveLength(1);
  return samples[0]?.text ?? "";
}

it("can be followed by hand: hold, prolong, release; hold and commit", async () => {
  const store = await api.openStore(2);
  const type = async (path: string, variables: Record<string, string> = {}) => {
    const text = commandOf(path);
    // A second purchase wants a key of its own, as the page says.
    const command = variables["KEY"] === undefined ? text : text.replace('"cart-8c1f"', `"${variables["KEY"]}"`);
    for (;;) {
      const { stdout } = await store.whileTurning(run("sh", ["-c", command], { env: { ...process.env, APP: api.origin, TOKEN: store.apiToken, ...variables } }));
      const answer = JSON.parse(stdout) as Answer;
      // "Not now", on a machine with much to do: the same request, as the page says.
      if (!NOT_NOW.has(answer.error?.code ?? "")) return answer;
    }
  };

  const held = await type("");
  expect(held).toMatchObject({ state: "active", lines: [{ sku: "LAMP", quantity: 1 }] });
  expect(await type("")).toMatchObject({ id: held.id, state: "active" });
  expect(Date.parse((await type("/$ID/extend", { ID: held.id })).expiresAt)).toBeGreaterThanOrEqual(Date.parse(held.expiresAt));
  expect(await type("/$ID/release", { ID: held.id })).toMatchObject({ id: held.id, state: "released" });

  const bought = await type("", { KEY: "cart-8c20" });
  expect(await type("/$ID/commit", { ID: bought.id })).toMatchObject({ id: bought.id, state: "committed" });
});
