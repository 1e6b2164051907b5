// How the connection to Shopify fares, line by line: in a word, and in numbers.

import { BlockStack, Card, Text } from "@shopify/polaris";

import type { HealthLine } from "../../connection-health.ts";
import { HEALTH_TERMS } from "../../home-terms.ts";
import { TermBadge } from "../term-badge.tsx";
import { TextLink } from "../text-link.tsx";

export function HealthCard({ lines }: { readonly lines: readonly HealthLine[] }) {
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          Connection to Shopify
        </Text>
        <ul className="hf-health">
          {lines.map(({ name, verdict, text, url }) => (
            <li key={name}>
              <span className="hf-health__name">{url === undefined ? <Text as="span">{name}</Text> : <TextLink url={url}>{name}</TextLink>}</span>
              <span className="hf-health__verdict">
                <TermBadge term={HEALTH_TERMS[verdict]} />
              </span>
              <span className="hf-health__text">
                <Text as="span" tone="subdued">
                  {text}
                </Text>
              </span>
            </li>
          ))}
        </ul>
      </BlockStack>
    </Card>
  );
}
