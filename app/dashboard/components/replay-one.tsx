// Has one notification worked on once more, after saying what that does; its outcome stands in its place.

import { Card, InlineStack, Button, Modal, Text, BlockStack } from "@shopify/polaris";
import { useState } from "react";

import type { ReplayRefusal } from "#app/domain/review.ts";

import type { DeliveryItem } from "../delivery-item.ts";
import { REPLAY_REFUSAL_TERMS } from "../terms.ts";
import { afterPaint } from "./after-paint.ts";
import { StepOutcomeBanner } from "./step-outcome-banner.tsx";
import { useStepwiseAct } from "./use-stepwise-act.ts";

const REPLAY = "Work on it again";

export function ReplayOne({ item }: { readonly item: DeliveryItem }) {
  const [asking, setAsking] = useState(false);
  const { running, outcome, start } = useStepwiseAct<ReplayRefusal | "not_found">("/app/history/notifications");
  const confirm = () => {
    setAsking(false);
    start({ ids: item.id });
  };
  return (
    <BlockStack gap="400">
      <StepOutcomeBanner noun="notification" done="will be worked on once more" refusalTerms={REPLAY_REFUSAL_TERMS} running={running} outcome={outcome} />
      {item.replayRefusal === null ? (
        <Card>
          <InlineStack align="space-between" blockAlign="center" gap="300">
            <Text as="p">Something about it looks wrong? Holdfast can work it out anew.</Text>
            <Button disabled={running !== null} onClick={() => afterPaint(() => setAsking(true))}>
              {REPLAY}
            </Button>
          </InlineStack>
        </Card>
      ) : null}
      <Modal open={asking} onClose={() => setAsking(false)} title="Work on this notification again?" primaryAction={{ content: REPLAY, onAction: confirm }} secondaryActions={[{ content: "Cancel", onAction: () => setAsking(false) }]}>
        <Modal.Section>
          <Text as="p">Holdfast reads what it says once more and compares it with what was done. What counted already does not count again; only what is missing would still be changed. That you asked for it is in the audit trail.</Text>
        </Modal.Section>
      </Modal>
    </BlockStack>
  );
}
