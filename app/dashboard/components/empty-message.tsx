// What a list shows while it is empty: what will be here, and what to do now.

import { BlockStack, Box, Button, InlineStack, Text } from "@shopify/polaris";

interface Action {
  readonly label: string;
  readonly url: string;
}

interface EmptyMessageProps {
  readonly heading: string;
  readonly text: string;
  readonly action?: Action;
  readonly secondaryAction?: Action;
}

export function EmptyMessage({ heading, text, action, secondaryAction }: EmptyMessageProps) {
  return (
    <Box padding="800">
      <BlockStack gap="300" inlineAlign="center">
        <Text as="h2" variant="headingMd" alignment="center">
          {heading}
        </Text>
        <Box maxWidth="34rem">
          <Text as="p" tone="subdued" alignment="center">
            {text}
          </Text>
        </Box>
        <InlineStack gap="200" align="center">
          {secondaryAction === undefined ? null : <Button url={secondaryAction.url}>{secondaryAction.label}</Button>}
          {action === undefined ? null : (
            <Button variant="primary" url={action.url}>
              {action.label}
            </Button>
          )}
        </InlineStack>
      </BlockStack>
    </Box>
  );
}
