// One part of the settings: what it decides on the left, the fields on the right; below each other on a phone.

import { BlockStack, Box, Card, InlineGrid, Text } from "@shopify/polaris";
import type { ReactNode } from "react";

import type { Fault } from "#app/domain/document-reader.ts";

import type { SettingsDraft } from "../../settings-draft.ts";

/** What every section gets: the draft, how to change it, and what is wrong with it. */
export interface SectionProps {
  readonly draft: SettingsDraft;
  readonly edit: (patch: Partial<SettingsDraft>) => void;
  readonly faults: readonly Fault[];
}

interface SettingsSectionProps {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly children: ReactNode;
}

export function SettingsSection({ id, title, description, children }: SettingsSectionProps) {
  return (
    <section id={id} aria-label={title}>
      <InlineGrid columns={{ xs: 1, md: ["oneThird", "twoThirds"] }} gap="400">
        <Box paddingInline={{ xs: "400", sm: "0" }} paddingBlockStart={{ xs: "0", md: "400" }}>
          <BlockStack gap="200">
            <Text as="h2" variant="headingMd">
              {title}
            </Text>
            <Text as="p" tone="subdued">
              {description}
            </Text>
          </BlockStack>
        </Box>
        <Card>
          <BlockStack gap="400">{children}</BlockStack>
        </Card>
      </InlineGrid>
    </section>
  );
}

/** A field and what is done with it, on one line; an error of the field belongs below both, or the two would no longer be level. */
export function FieldWithAction({ action, children }: { readonly action: ReactNode; readonly children: ReactNode }) {
  return (
    <div className="hf-field">
      {children}
      <div className="hf-field__action">{action}</div>
    </div>
  );
}

export function Hint({ children }: { readonly children: ReactNode }) {
  return (
    <Text as="p" tone="subdued">
      {children}
    </Text>
  );
}
