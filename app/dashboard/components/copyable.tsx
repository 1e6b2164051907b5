// An id or key that can be copied; whether it worked is said in place, also to screen readers.

import { Button, InlineStack } from "@shopify/polaris";
import { ClipboardIcon } from "@shopify/polaris-icons";
import { useState } from "react";

interface CopyableProps {
  readonly value: string;
  /** What it is, for the button's label. */
  readonly name: string;
}

export function Copyable({ value, name }: CopyableProps) {
  const [note, setNote] = useState("");
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(value);
      setNote("Copied");
    } catch {
      // Browsers may forbid it inside a frame; the text can still be selected.
      setNote("Select the text and copy it");
    }
  }
  return (
    <InlineStack gap="100" blockAlign="center">
      <span className="hf-code">{value}</span>
      <Button variant="tertiary" size="micro" icon={ClipboardIcon} accessibilityLabel={`Copy ${name}`} onClick={() => void copy()} />
      <span role="status">{note}</span>
    </InlineStack>
  );
}
