// What merchants, programs and Shopify do that passes through the web process: each scenario reaches some steps that the others do not.
import { BROWSER, openFirstPage } from "#tests/setup/e2e/whole-app.ts";
import { ASK, askUntilAnswered, hold, HOLD_HAS_LAPSED, NOTHING_OBSERVED, observe, orderOfCheckout, type Ask } from "./checkout-play.ts";
import type { Scenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";

const TOKEN_NEARLY_OVER = `UPDATE "Session" SET expires = now() AT TIME ZONE 'UTC' + interval '1 minute' WHERE shop = (SELECT shop FROM installs WHERE id = $1)`;

/** The web process may die under it: then there is no answer. */
async function perhaps(request: Promise<unknown>): Promise<void> {
  await request.catch(() => undefined);
}

const visit = ({ house, ground, shop }: Stage) => openFirstPage(house.simulator, ground.webUrl, shop.shop);

/** A form of an embedded page, as a person sends it. */
async function send({ house, ground, shop }: Stage, path: string, fields: Readonly<Record<string, string>>): Promise<void> {
  const { token } = house.simulator.control.sessionToken(shop.shop);
  const headers = { Authorization: `Bearer ${token}`, "User-Agent": BROWSER, Accept: "text/html" };
  const response = await fetch(`${ground.webUrl}${path}`, { method: "POST", headers, body: new URLSearchParams(fields), redirect: "manual" });
  await response.text();
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
}

/** A program of the merchant's saves the rules until they are saved: a bundle, and the only location. */
async function saveRules(stage: Stage): Promise<void> {
  const { house, ground, shop, items } = stage;
  const [kettle, lid] = items;
  const made = await house.composed.apiTokenStore.create({ installId: shop.installId, label: "program", actor: "test" });
  if (made.kind !== "created") throw new Error("no token could be made");
  const ask = async (init: RequestInit = {}): Promise<{ bundles: unknown[]; deduct: object }> => {
    const response = await fetch(`${ground.webUrl}/api/v1/settings`, { ...init, headers: { Authorization: `Bearer ${made.token}`, "Content-Type": "application/json" } });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`/api/v1/settings answered ${response.status}: ${text}`);
    return JSON.parse(text) as { bundles: unknown[]; deduct: object };
  };
  const read = await ask();
  // What an answer that never came had saved is there already.
  if (read.bundles.length > 0) return;
  const bundles = [{ variantId: kettle.variantId, parentStock: "leave", components: [{ inventoryItemId: lid.inventoryItemId, quantity: 2 }] }];
  await ask({ method: "PUT", body: JSON.stringify({ ...read, bundles, deduct: { ...read.deduct, location: shop.locationIds[0] } }) });
}

const redeliver = async ({ house }: Stage): Promise<void> => void (await house.simulator.control.drainWebhooks({ skipAhead: true }));

/** An order waits, derived and not sent, when its source is paused. */
function pauseSource({ house, shop, order, whileAsleep }: Stage): Promise<void> {
  return whileAsleep(async () => {
    const { ledger, sources } = house.composed.turnPorts;
    const { orderId } = order();
    await house.delivered();
    await house.turn(shop.shop, { ledger: { ...ledger, waitingStocks: () => Promise.resolve([]) } });
    await sources.record(shop.installId, { sourceKey: "name:my-channel", orderId: orderId.split("/").at(-1) ?? "", verdict: "took_stock", evidence: [] });
  });
}

/** Asked once, and again by whoever was not answered. */
function asked(ask: Ask): Pick<Scenario, "act" | "afterwards"> {
  return { act: (stage) => perhaps(ask(stage)), afterwards: (stage) => askUntilAnswered(stage, ask) };
}

export const WEB_SCENARIOS = {
  notification: {
    title: "the notifications of an order",
    act: (stage) => void stage.order(),
    afterwards: redeliver,
    ending: { moved: [-1, 0] },
  },

  privacy_notice: {
    title: "a customer's privacy request",
    act: ({ house, shop }) => void house.simulator.control.sendCompliance(shop.shop, { topic: "customers/redact" }),
    afterwards: redeliver,
    ending: { moved: [0, 0] },
  },

  first_visit: {
    title: "the merchant's first page after the app was installed again",
    async prepare({ house, shop }) {
      house.simulator.control.uninstall(shop.shop);
      await house.delivered();
    },
    async act(stage) {
      stage.house.simulator.control.install(stage.shop.shop, { scopes: ["write_inventory"] });
      await perhaps(visit(stage));
    },
    async afterwards(stage) {
      await visit(stage);
      await stage.rejoin();
      await stage.house.protect(stage.shop);
      stage.order();
      await redeliver(stage);
    },
    ending: { moved: [-1, 0] },
  },

  rules_saved: {
    title: "rules saved by a program of the merchant's",
    act: (stage) => perhaps(saveRules(stage)),
    async afterwards(stage) {
      await saveRules(stage);
      stage.order();
    },
    ending: { moved: [0, -2] },
  },

  rules_saved_with_old_token: {
    title: "rules saved while the access token is near its end",
    // The worker would refresh it, too, for a call of its own.
    act: (stage) =>
      stage.whileAsleep(async () => {
        await stage.sql(TOKEN_NEARLY_OVER);
        await perhaps(saveRules(stage));
      }),
    async afterwards(stage) {
      await saveRules(stage);
      stage.order();
    },
    ending: { moved: [0, -2] },
  },

  source_resumed: {
    title: "a paused source resumed by the merchant, whose order waits",
    async prepare(stage) {
      await visit(stage);
      await pauseSource(stage);
    },
    act: (stage) => perhaps(send(stage, "/app/settings/sources", { intent: "resume-source", sourceKey: "name:my-channel" })),
    // Whoever got no answer looks again, and presses the button if it is still there.
    afterwards: (stage) => send(stage, "/app/settings/sources", { intent: "resume-source", sourceKey: "name:my-channel" }),
    ending: { moved: [-1, 0] },
  },

  token_made: {
    title: "a token of the HTTP API made by the merchant",
    prepare: visit,
    act: (stage) => perhaps(send(stage, "/app/settings/tokens", { intent: "create", label: "shop floor" })),
    async afterwards(stage) {
      // It is shown once, so a person makes another one.
      await send(stage, "/app/settings/tokens", { intent: "create", label: "shop floor" });
      const [{ untold = -1 } = {}] = await stage.rows<{ untold: number }>(
        `SELECT count(*)::int AS untold FROM api_tokens t WHERE install_id = $1
         AND NOT EXISTS (SELECT 1 FROM audit_entries a WHERE a.install_id = $1 AND a.kind = 'token_created' AND a.detail->>'tokenId' = t.id::text)`,
      );
      if (untold !== 0) throw new Error(`${untold} tokens are not in the audit trail`);
    },
    ending: { moved: [0, 0] },
  },

  first_hold: {
    title: "a checkout's hold of an item, by its SKU, of which nothing is known yet",
    async act(stage) {
      await stage.sql(NOTHING_OBSERVED);
      await perhaps(ASK.reserve(stage));
    },
    afterwards: (stage) => askUntilAnswered(stage, ASK.reserve),
    // Two for the hold, and as many again for the next one.
    ending: { moved: [-4, 0], holds: ["active"] },
  },

  block_grows: {
    title: "a checkout's hold for which units must be put aside first",
    prepare: observe,
    ...asked(ASK.reserve),
    ending: { moved: [-4, 0], holds: ["active"] },
  },

  held: {
    title: "a checkout's hold of units that are put aside already",
    prepare: async (stage) => void (await hold(stage)),
    ...asked(ASK.reserve),
    ending: { moved: [-8, 0], holds: ["active", "active"] },
  },

  hold_extended: {
    title: "a hold that is given more time",
    prepare: async (stage) => void (await hold(stage)),
    ...asked(ASK.extend),
    ending: { moved: [-4, 0], holds: ["active"] },
  },

  hold_committed: {
    title: "a hold that is committed with its order",
    async prepare(stage) {
      await hold(stage);
      orderOfCheckout(stage);
    },
    ...asked(ASK.commit),
    // The order took its own two, and those of the hold went back.
    ending: { moved: [-2, 0], holds: ["committed (done)"] },
  },

  hold_committed_late: {
    title: "a hold that is committed when its time has passed",
    async prepare(stage) {
      await hold(stage);
      orderOfCheckout(stage);
      await stage.sql(HOLD_HAS_LAPSED);
    },
    ...asked(ASK.commit),
    ending: { moved: [-2, 0], holds: ["committed (done)"] },
  },

  hold_released: {
    title: "a hold that is given back",
    prepare: async (stage) => void (await hold(stage)),
    ...asked(ASK.release),
    ending: { moved: [-4, 0], holds: ["released"] },
  },
} as const satisfies Readonly<Record<string, Scenario>>;

export type WebScenario = keyof typeof WEB_SCENARIOS;
