// The way of an oversell from the first notification to Shopify's answer; long ones begin folded.

import { BlockStack, Button, Card, InlineStack, Text } from "@shopify/polaris";
import { useState } from "react";

import type { OversellDetail } from "../../oversells-page.server.ts";
import { afterPaint } from "../after-paint.ts";
import { Story } from "../story.tsx";

/** Steps shown at first: what led to it and its first minutes. */
const STEPS_SHOWN_MAX = 25;

export function OversellTimeLine({ page: { story, nowMs, timeZone } }: { readonly page: OversellDetail }) {
  const [all, setAll] = useState(false);
  const more = all ? 0 : Math.max(0, story.length - STEPS_SHOWN_MAX);
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="h2" variant="headingMd">
          <span id="time-line">What happened, step by step</span>
        </Text>
        <Story steps={more > 0 ? story.slice(0, STEPS_SHOWN_MAX) : story} nowMs={nowMs} timeZone={timeZone} />
        {more === 0 ? null : (
          <InlineStack>
            <Button variant="plain" onClick={() => afterPaint(() => setAll(true))}>
              {`Show ${more} more ${more === 1 ? "step" : "steps"}`}
            </Button>
          </InlineStack>
        )}
      </BlockStack>
    </Card>
  );
}
