// "Release all": asks first, and says in this moment's numbers what follows.

import { BlockStack, Button, Modal, Text } from "@shopify/polaris";
import { useState } from "react";

import { releaseAllSentences } from "../../hold-terms.ts";
import type { HoldNumbers } from "../../queries/hold-numbers.server.ts";
import { afterPaint } from "../after-paint.ts";
import type { HoldAct } from "./use-hold-act.ts";

interface ReleaseAllProps {
  readonly numbers: Pick<HoldNumbers, "granted" | "held" | "settling">;
  readonly act: HoldAct;
}

/** The button, and what it opens: the page around it need not be drawn anew for that. */
export function ReleaseAll({ numbers, act }: ReleaseAllProps) {
  const [asked, setAsked] = useState(false);
  const nothingHeld = numbers.granted === 0 && numbers.held <= numbers.settling;
  return (
    <>
      <Button tone="critical" disabled={act.busy || nothingHeld} onClick={() => afterPaint(() => setAsked(true))}>
        Release all
      </Button>
      {asked ? (
        <ReleaseAllDialog
          numbers={numbers}
          onClose={() => setAsked(false)}
          onConfirm={() => {
            setAsked(false);
            act.start({ act: "release-all" });
          }}
        />
      ) : null}
    </>
  );
}

interface ReleaseAllDialogProps extends Pick<ReleaseAllProps, "numbers"> {
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

function ReleaseAllDialog({ numbers, onConfirm, onClose }: ReleaseAllDialogProps) {
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
