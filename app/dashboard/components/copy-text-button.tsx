// Copies a longer text that is not shown itself; whether it worked is said in place, also to screen readers.

import { Button, InlineStack } from "@shopify/polaris";
import { ClipboardIcon } from "@shopify/polaris-icons";
import { useState } from "react";

interface CopyTextButtonProps {
  readonly label: string;
  readonly text: string;
}

export function CopyTextButton({ label, text }: CopyTextButtonProps) {
  const [note, setNote] = useState("");
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setNote("Copied");
    } catch {
      setNote("Your browser does not allow copying here; print it instead.");
    }
  }
  return (
    <InlineStack gap="200" blockAlign="center">
      <Button icon={ClipboardIcon} onClick={() => void copy()}>
        {label}
      </Button>
      <span role="status">{note}</span>
    </InlineStack>
  );
}
