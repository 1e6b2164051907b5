// The notifications page's list: each with its replay, for one, for those selected, and for all of the view.

import { BlockStack, Card } from "@shopify/polaris";
import { useState } from "react";

import type { ReplayRefusal } from "#app/domain/review.ts";

import type { DeliveryItem } from "../delivery-item.ts";
import { REPLAY_REFUSAL_TERMS, topicText } from "../terms.ts";
import { DeliveryText } from "./deliveries-list.tsx";
import { SelectableList, type Selected } from "./selectable-list.tsx";
import { StepOutcomeBanner } from "./step-outcome-banner.tsx";
import { useStepwiseAct } from "./use-stepwise-act.ts";

interface ReplayableDeliveriesProps {
  readonly items: readonly DeliveryItem[];
  readonly nowMs: number;
  readonly timeZone: string;
  /** Filters of the view, as in its address: "all" means these. */
  readonly query: string;
  readonly hasMore: boolean;
}

const REPLAY = "Work on it again";

/** Mount it with a key made of the view: another one starts with nothing selected. */
export function ReplayableDeliveries({ items, nowMs, timeZone, query, hasMore }: ReplayableDeliveriesProps) {
  const [begunCount, setBegunCount] = useState(0);
  const { running, outcome, start } = useStepwiseAct<ReplayRefusal | "not_found">("/app/history/notifications");
  const replay = (which: Selected) => {
    setBegunCount((count) => count + 1);
    start(which === "all" ? { matching: query === "" ? "?" : query } : { ids: which.join(",") });
  };
  return (
    <BlockStack gap="400">
      <StepOutcomeBanner noun="notification" done="will be worked on once more" refusalTerms={REPLAY_REFUSAL_TERMS} running={running} outcome={outcome} />
      <Card padding="0">
        <SelectableList
          noun="notification"
          rows={items.map((item) => ({
            id: item.id,
            name: `${topicText(item.topic) ?? item.topic}, ${item.webhookId}`,
            content: <DeliveryText item={item} nowMs={nowMs} timeZone={timeZone} linkOrders />,
            acts: item.replayRefusal === null ? [{ label: REPLAY, onAction: () => replay([item.id]) }] : [],
          }))}
          hasMore={hasMore}
          busy={running !== null}
          begunCount={begunCount}
          bulkActs={(selected) => [{ label: REPLAY, onAction: () => replay(selected) }]}
        />
      </Card>
    </BlockStack>
  );
}
