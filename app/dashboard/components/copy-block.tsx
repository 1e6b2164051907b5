// Several lines that can be copied at once; whether it worked is said in place, also to screen readers.

import { BlockStack, Button, InlineStack } from "@shopify/polaris";
import { ClipboardIcon } from "@shopify/polaris-icons";
import { useState } from "react";

interface CopyBlockProps {
  readonly text: string;
  /** What it is, for the button and for screen readers. */
  readonly name: string;
}

export function CopyBlock({ text, name }: CopyBlockProps) {
  const [note, setNote] = useState("");
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setNote("Copied");
    } catch {
      // Browsers may forbid it inside a frame; the text can still be selected.
      setNote("Select the text and copy it");
    }
  }
  return (
    <BlockStack gap="200">
      {/* It scrolls where a line is long, so it must take the keyboard's focus. */}
      <pre className="hf-code hf-copy-block" role="region" aria-label={name} tabIndex={0}>
        {text}
      </pre>
      <InlineStack gap="200" blockAlign="center">
        <Button icon={ClipboardIcon} onClick={() => void copy()}>
          {`Copy ${name}`}
        </Button>
        <span role="status">{note}</span>
      </InlineStack>
    </BlockStack>
  );
}
