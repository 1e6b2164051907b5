// One card of fields on a page of the settings, and the small pieces that all of them use.

import { BlockStack, Card, Text } from "@shopify/polaris";
import type { ReactNode } from "react";

import type { Fault } from "#app/domain/document-reader.ts";

import type { SettingsDraft } from "../../settings-draft.ts";
import type { EditDraft } from "./use-settings-form.ts";

/** What every section gets: the draft, how to change it, and what is wrong with it. */
export interface SectionProps {
  readonly draft: SettingsDraft;
  readonly edit: EditDraft;
  readonly faults: readonly Fault[];
}

interface SettingsSectionProps {
  readonly id: string;
  readonly title: string;
  /** Left out where the page says it already. */
  readonly description?: string;
  /** The page bears the title already: it is here for whoever does not see the card's edge. */
  readonly titleHidden?: boolean;
  readonly children: ReactNode;
}

export function SettingsSection({ id, title, description, titleHidden = false, children }: SettingsSectionProps) {
  return (
    <section id={id} aria-label={title}>
      <Card>
        <BlockStack gap="400">
          {titleHidden ? null : (
            <BlockStack gap="100">
              <Text as="h2" variant="headingMd">
                {title}
              </Text>
              {description === undefined ? null : (
                <Text as="p" tone="subdued">
                  {description}
                </Text>
              )}
            </BlockStack>
          )}
          {children}
        </BlockStack>
      </Card>
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
