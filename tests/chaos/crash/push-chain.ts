// Applied changes pushed to the merchant's stock system: each once and in order, whoever dies between the claim of an item and its end.
import { connect, openStockSystem, receiverDifferences } from "#tests/integration/external-fixture.ts";
import type { Chain, Play } from "./chain.ts";

const RUN = "the next run, when the item's lease is over: the same push under the same key";

let ordered = 0;

async function order({ stage }: Play): Promise<void> {
  ordered += 1;
  stage.order();
  await stage.house.settle(stage.shop.shop);
}

export const PUSH_CHAIN: Chain = {
  title: "changes to be pushed to the merchant's stock system",
  waits: [`UPDATE external_systems SET paused_until = NULL WHERE install_id = $1 AND paused_until > now() AND failures_in_a_row > 0`],
  leases: [`UPDATE external_lanes SET due_at = now() WHERE install_id = $1 AND due_at > now()`, `UPDATE external_systems SET paused_until = NULL WHERE install_id = $1`],
  async open(stage) {
    ordered = 0;
    const system = await openStockSystem();
    await connect(stage.house, stage.shop, system);
    let busyLeft = 0;
    system.fault = () => ((busyLeft -= 1) < 0 ? null : { when: "before", status: 429, retryAfter: "1" });
    const play: BusyPlay = {
      stage,
      ending: () => ({ moved: [-ordered, 0] }),
      differences: () => receiverDifferences(stage.house, stage.shop, system),
      close: () => system.close(),
      busyOnce: () => {
        busyLeft = 1;
      },
    };
    return play;
  },
  links: [
    { step: "externalPushes.claim", found: RUN, act: order },
    { step: "externalReceiver.post", found: [RUN, "the next run: the receiver knows the key"], act: order },
    { step: "externalPushes.settle", found: [RUN, "nobody needs to: it is delivered, and the next one of the item is due"], act: order },
    { step: "externalPushes.letGo", found: [RUN, "nobody needs to: nothing of the item is left"], act: order },
    {
      step: "externalPushes.reportReceiver",
      found: ["the next run: the receiver says again that it is busy", "nobody needs to: the shop is left in peace until then"],
      async act(play) {
        (play as BusyPlay).busyOnce();
        await order(play);
      },
    },
  ],
};

interface BusyPlay extends Play {
  /** The receiver answers the next push with 429. */
  busyOnce(): void;
}
