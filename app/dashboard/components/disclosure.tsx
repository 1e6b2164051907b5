// Something that is shown when it is asked for. It opens at once: what slides open moves the page for longer than a person expects after a click.

import { BlockStack, Button, InlineStack } from "@shopify/polaris";
import { type ReactNode, useState } from "react";

import { afterPaint } from "./after-paint.ts";

interface DisclosureProps {
  /** Unique on the page. */
  readonly id: string;
  readonly label: string;
  /** The label while it is open; left out: the same. */
  readonly openLabel?: string;
  /** Not made anew when it opens or closes. */
  readonly children: ReactNode;
}

export function Disclosure({ id, label, openLabel = label, children }: DisclosureProps) {
  const [open, setOpen] = useState(false);
  return (
    <BlockStack gap={open ? "400" : "0"}>
      <InlineStack>
        <Button variant="plain" disclosure={open ? "up" : "down"} ariaExpanded={open} ariaControls={id} onClick={() => afterPaint(() => setOpen(!open))}>
          {open ? openLabel : label}
        </Button>
      </InlineStack>
      <div id={id} hidden={!open}>
        {children}
      </div>
    </BlockStack>
  );
}
