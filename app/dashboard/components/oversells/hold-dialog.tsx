// Before an order's fulfilment is held or released: exactly what will happen in Shopify.

import { BlockStack, Modal, Text } from "@shopify/polaris";

import { plural } from "../../formatting.ts";
import { HOLD_CONSEQUENCES, RELEASE_CONSEQUENCES } from "../../oversell-terms.ts";
import { orderName } from "../../oversell-view.ts";
import type { OversellOrderItem } from "../../oversells-page.server.ts";

interface HoldDialogProps {
  readonly act: "hold" | "release";
  readonly order: OversellOrderItem;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function HoldDialog({ act, order, onConfirm, onClose }: HoldDialogProps) {
  const name = orderName(order);
  const title = act === "hold" ? `Hold the fulfilment of ${name}?` : `Release ${name}?`;
  const sentences = act === "hold" ? [`${name} is ${plural(order.unitsShort, "unit")} short.`, ...HOLD_CONSEQUENCES] : RELEASE_CONSEQUENCES;
  return (
    <Modal open onClose={onClose} title={title} primaryAction={{ content: act === "hold" ? "Hold fulfilment" : "Release", onAction: onConfirm }} secondaryActions={[{ content: "Cancel", onAction: onClose }]}>
      <Modal.Section>
        <BlockStack gap="200">
          {sentences.map((sentence) => (
            <Text key={sentence} as="p">
              {sentence}
            </Text>
          ))}
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}
