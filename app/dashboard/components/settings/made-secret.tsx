// Makes a secret that is shown this once: asks first, because the old one stops working, and shows the new one to copy.

import { useFetcher } from "@remix-run/react";
import { Banner, BlockStack, Button, InlineStack, Modal, Text } from "@shopify/polaris";
import { useState } from "react";

import { NOT_PERMITTED } from "../../permission-terms.ts";
import type { SettingsActionResult } from "../../settings-action.ts";
import { afterPaint } from "../after-paint.ts";
import { Copyable } from "../copyable.tsx";

interface MadeSecretProps {
  /** "signing secret" */
  readonly name: string;
  readonly intent: "make-signing-secret" | "make-external-secret";
  /** There is one already. */
  readonly replaces: boolean;
  readonly consequence: string;
}

export function MadeSecret({ name, intent, replaces, consequence }: MadeSecretProps) {
  const fetcher = useFetcher<SettingsActionResult>();
  const [asking, setAsking] = useState(false);
  const label = replaces ? `Make a new ${name}` : `Make a ${name}`;
  const make = () => {
    setAsking(false);
    void fetcher.submit({ intent }, { method: "post" });
  };
  return (
    <BlockStack gap="300">
      <div role="status">{fetcher.state === "idle" && fetcher.data !== undefined ? <Made result={fetcher.data} name={name} /> : null}</div>
      <InlineStack>
        <Button loading={fetcher.state !== "idle"} onClick={replaces ? () => afterPaint(() => setAsking(true)) : make}>
          {label}
        </Button>
      </InlineStack>
      {asking ? (
        <Modal
          open
          title={`${label}?`}
          onClose={() => setAsking(false)}
          primaryAction={{ content: label, destructive: true, onAction: make }}
          secondaryActions={[{ content: "Cancel", onAction: () => setAsking(false) }]}
        >
          <Modal.Section>
            <Text as="p">{consequence}</Text>
          </Modal.Section>
        </Modal>
      ) : null}
    </BlockStack>
  );
}

function Made({ result, name }: { readonly result: SettingsActionResult; readonly name: string }) {
  if (result.kind === "secret_made") {
    return (
      <Banner tone="success" title={`Copy the ${name} now`}>
        <BlockStack gap="200">
          <Text as="p">It is shown this once, and stored encrypted.</Text>
          <Copyable value={result.secret} name={name} />
        </BlockStack>
      </Banner>
    );
  }
  const [title, text] = result.kind === "not_permitted" ? [NOT_PERMITTED.title, NOT_PERMITTED.text] : ["No secret was made", "Something went wrong. Try again in a moment."];
  return (
    <Banner tone="critical" title={title}>
      <Text as="p">{text}</Text>
    </Banner>
  );
}
