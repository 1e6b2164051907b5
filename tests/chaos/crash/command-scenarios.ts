// What an operator does by commands that change something; each is given again when it died.
import type { CommandScenario } from "./scenario.ts";
import { AHEAD_MS, untold, type Stage } from "./stage.ts";

const ofShop = ({ shop }: Stage, ...words: string[]) => [...words, "--shop", shop.shop, "--json"];
const actsTold = (kind: string, expected: number) => ({ query: `SELECT count(*)::int AS told FROM audit_entries WHERE install_id = $1 AND kind = '${kind}'`, expected: [{ told: expected }] });

/** A change that Shopify refused for a reason that is gone. */
async function refuseOnce(stage: Stage): Promise<void> {
  stage.fault("user_error", { code: "INVALID_INVENTORY_ITEM", index: 0 });
  stage.order();
}

export const COMMAND_SCENARIOS = {
  token_made: {
    title: "`token create`",
    words: (stage) => ofShop(stage, "token", "create", "--label", "operator"),
    ending: { moved: [0, 0] },
    also: [{ query: `SELECT count(*)::int AS untold FROM api_tokens t WHERE install_id = $1 AND NOT EXISTS (SELECT 1 FROM audit_entries a WHERE a.kind = 'token_created' AND a.detail->>'tokenId' = t.id::text)`, expected: [{ untold: 0 }] }],
  },

  token_revoked: {
    title: "`token revoke`",
    async words(stage) {
      const made = await stage.house.composed.apiTokenStore.create({ installId: stage.shop.installId, label: "lost", actor: "test" });
      return ofShop(stage, "token", "revoke", "--id", made.kind === "created" ? made.id : "");
    },
    ending: { moved: [0, 0] },
    also: [{ query: `SELECT count(*)::int AS good FROM api_tokens WHERE install_id = $1 AND revoked_at IS NULL`, expected: [{ good: 0 }] }, actsTold("token_revoked", 1)],
  },

  retried: {
    title: "`parked retry`",
    prepare: refuseOnce,
    words: (stage) => ofShop(stage, "parked", "retry", "--all", "--reason", "the item is back"),
    ending: { moved: [-1, 0] },
  },

  discarded: {
    title: "`parked discard`",
    prepare: refuseOnce,
    words: (stage) => ofShop(stage, "parked", "discard", "--all", "--reason", "counted by hand"),
    ending: { moved: [0, 0] },
  },

  replayed: {
    title: "`deliveries replay`",
    prepare: (stage) => void stage.order(),
    words: (stage) => ofShop(stage, "deliveries", "replay", "--all"),
    ending: { moved: [-1, 0] },
  },

  looked_through: {
    title: "`backfill` after an order of which no notification came",
    clockAheadMs: AHEAD_MS,
    prepare: (stage) => untold(stage, () => void stage.order()),
    words: (stage) => ofShop(stage, "backfill"),
    ending: { moved: [-1, 0] },
  },
} as const satisfies Readonly<Record<string, CommandScenario>>;

export type CommandScenarioName = keyof typeof COMMAND_SCENARIOS;
