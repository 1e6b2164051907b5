// "Release all": asks first, and says in this moment's numbers what follows.

import { BlockStack, Modal, Text } from "@shopify/polaris";

import { releaseAllSentences } from "../../hold-terms.ts";
import type { HoldNumbers } from "../../queries/hold-numbers.server.ts";

interface ReleaseAllDialogProps {
  readonly numbers: Pick<HoldNumbers, "granted" | "held" | "settling">;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function ReleaseAllDialog({ numbers, onConfirm, onClose }: ReleaseAllDialogProps) {
  return (
    <Modal
      open
      onClose={onClose}
      title="Release all holds?"
      primaryAction={{ content: "Release all", destructive: true, onAction: onConfirm }}
      secondaryActions={[{ content: "Cancel", onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="200">
          {releaseAllSentences(numbers).map((sentence) => (
            <Text key={sentence} as="p">
              {sentence}
            </Text>
          ))}
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}
