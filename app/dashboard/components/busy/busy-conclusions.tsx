// What a merchant may conclude from the waits, in plain words, what needs attention first.

import { Banner, BlockStack, Card, Text } from "@shopify/polaris";

import type { Conclusion } from "../../busy-view.ts";
import { TextLink } from "../text-link.tsx";

export function BusyConclusions({ conclusions }: { readonly conclusions: readonly Conclusion[] }) {
  const warnings = conclusions.filter(({ tone }) => tone === "warning");
  const others = conclusions.filter(({ tone }) => tone !== "warning");
  return (
    <>
      {warnings.length === 0 ? null : (
        // One block: between banners Polaris keeps a distance by itself.
        <div>
          {warnings.map(({ title, text, link }) => (
            <Banner key={title} tone="warning" title={title} {...(link === undefined ? {} : { action: { content: link.label, url: link.url } })}>
              <Text as="p">{text}</Text>
            </Banner>
          ))}
        </div>
      )}
      {others.map(({ title, text, link }) => (
        <Card key={title}>
          <BlockStack gap="200">
            <Text as="h2" variant="headingMd">
              {title}
            </Text>
            <Text as="p">{text}</Text>
            {link === undefined ? null : (
              <span>
                <TextLink url={link.url}>{link.label}</TextLink>
              </span>
            )}
          </BlockStack>
        </Card>
      ))}
    </>
  );
}
