// Everything that is stored about the shop, to take away: the download's address is signed and good for a minute, so it is asked for when it is wanted.

import { useFetcher } from "@remix-run/react";
import { BlockStack, Button, InlineStack, Modal, Spinner, Text } from "@shopify/polaris";
import { useEffect, useState } from "react";

import type { SettingsActionResult } from "../../settings-action.ts";
import { afterPaint } from "../after-paint.ts";
import { SettingsSection } from "./section.tsx";

/** Before the address that is shown stops being good. */
const RENEW_MS = 40_000;

export function EverythingSection() {
  const [asked, setAsked] = useState(false);
  return (
    <SettingsSection
      id="everything"
      title="Export everything"
      description="All that Holdfast has stored about this shop, one row a line (JSON lines): settings, stock history with its calls and the audit trail, orders, notifications, incidents, holds. Secrets and customer data are not in it; of customers Holdfast stores none."
    >
      <InlineStack>
        <Button onClick={() => afterPaint(() => setAsked(true))}>Export everything</Button>
      </InlineStack>
      {asked ? <EverythingDialog onClose={() => setAsked(false)} /> : null}
    </SettingsSection>
  );
}

function EverythingDialog({ onClose }: { readonly onClose: () => void }) {
  const { submit, data } = useFetcher<SettingsActionResult>();
  useEffect(() => {
    const ask = () => submit({ intent: "offer-everything" }, { method: "post" });
    ask();
    const renewal = window.setInterval(ask, RENEW_MS);
    return () => window.clearInterval(renewal);
  }, [submit]);
  const address = data?.kind === "everything_offered" ? data.address : null;
  return (
    <Modal
      open
      onClose={onClose}
      title="Export everything"
      primaryAction={{ content: "Download", disabled: address === null, ...(address === null ? {} : { url: address, target: "_blank", onAction: onClose }) }}
      secondaryActions={[{ content: "Close", onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="200">
          <Text as="p">The file is made while you download it, and may take minutes in a large shop. Its last line says “end”: without it, the download broke off.</Text>
          <div role="status">
            {data === undefined ? <Spinner size="small" accessibilityLabel="Preparing" /> : address === null ? <Text as="p">It could not be prepared just now. Close this and try again in a moment.</Text> : null}
          </div>
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}
