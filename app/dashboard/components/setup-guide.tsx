// The three steps from installing to protecting; short, and gone once dismissed or, from the next visit on, once done.

import { Badge, BlockStack, Button, Card, InlineStack, List, Text } from "@shopify/polaris";
import { useFetcher } from "@remix-run/react";

import type { HomePage } from "../home-page.server.ts";

interface Step {
  readonly title: string;
  readonly text: string;
  readonly done: boolean;
  readonly action: { readonly label: string; readonly url: string };
}

export function SetupGuide({ page }: { readonly page: HomePage }) {
  const fetcher = useFetcher();
  const steps = stepsOf(page);
  const next = steps.find((step) => !step.done);
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center">
          <Text as="h2" variant="headingMd">
            From watching to protecting
          </Text>
          <fetcher.Form method="post">
            <input type="hidden" name="intent" value="dismiss-setup-guide" />
            <Button submit variant="plain" accessibilityLabel="Dismiss this guide" loading={fetcher.state !== "idle"}>
              Dismiss
            </Button>
          </fetcher.Form>
        </InlineStack>
        <List type="number">
          {steps.map((step) => (
            <List.Item key={step.title}>
              <BlockStack gap="100" inlineAlign="start">
                <InlineStack gap="200" blockAlign="center">
                  <Text as="span" fontWeight="semibold">
                    {step.title}
                  </Text>
                  {step.done ? <Badge tone="success">Done</Badge> : null}
                </InlineStack>
                {step.done && next !== undefined ? null : (
                  <Text as="p" tone="subdued">
                    {step.text}
                  </Text>
                )}
                {step === next ? (
                  <Button url={step.action.url} size="slim">
                    {step.action.label}
                  </Button>
                ) : null}
              </BlockStack>
            </List.Item>
          ))}
        </List>
      </BlockStack>
    </Card>
  );
}

function stepsOf(page: HomePage): Step[] {
  return [
    {
      title: "Watch",
      text: "Holdfast receives every order notification and counts the duplicates. It changes nothing.",
      done: page.numbers.lastNotificationAt !== null,
      action: { label: "See notifications", url: "/app/history/notifications" },
    },
    {
      title: "Understand",
      text: "Tell it which order sources bypass Shopify's own stock count and what your bundles contain, then look at what it would have done.",
      done: page.hasRules,
      action: { label: "Set your rules", url: "/app/settings" },
    },
    {
      title: "Protect",
      text: "When the list looks right, turn protection on. Shopify then asks you for the permission to change inventory.",
      done: page.mode === "enforce",
      action: { label: "Turn protection on", url: "/app/settings" },
    },
  ];
}
