// Bundles of one's own: the variant that is sold and what it takes from stock, chosen with Shopify's resource picker.

import { useAppBridge } from "@shopify/app-bridge-react";
import { BlockStack, Button, Card, InlineError, InlineStack, Select, Text, TextField } from "@shopify/polaris";
import { memo, useState } from "react";

import { faultAt, type BundleDraft } from "../../settings-draft.ts";
import type { BundlesPage } from "../../settings-page.server.ts";
import { SETTINGS_PAGES } from "../../settings-parts.ts";
import { afterPaint } from "../after-paint.ts";
import { BundleStandings } from "./bundle-standings.tsx";
import { equalData } from "./equal-data.ts";
import { FieldWithAction, Hint, SettingsSection, type SectionProps } from "./section.tsx";

interface BundlesSectionProps extends SectionProps {
  readonly names: Readonly<Record<string, string>>;
  readonly standings: BundlesPage["standings"];
  /** Protection is on: what is not equal is changed. */
  readonly isProtecting: boolean;
}

interface PickedVariant {
  readonly id: string;
  readonly inventoryItemId: string;
  readonly name: string;
}

export function BundlesSection({ draft, edit, faults, names, standings, isProtecting }: BundlesSectionProps) {
  const pick = useVariantPicker();
  const [pickedNames, setPickedNames] = useState(names);
  const remember = (variants: readonly PickedVariant[]) =>
    setPickedNames((known) => ({ ...known, ...Object.fromEntries(variants.flatMap(({ id, inventoryItemId, name }) => [[id, name], [inventoryItemId, name]])) }));
  const change = (key: string, patch: (bundle: BundleDraft) => Partial<BundleDraft>) => edit(({ bundles }) => ({ bundles: bundles.map((bundle) => (bundle.key === key ? { ...bundle, ...patch(bundle) } : bundle)) }));

  async function addBundle(): Promise<void> {
    const picked = await pick(false);
    remember(picked);
    const added = picked.map((variant): BundleDraft => ({ key: crypto.randomUUID(), variantId: variant.id, parentStock: "leave", components: [] }));
    if (added.length > 0) edit(({ bundles }) => ({ bundles: [...bundles, ...added] }));
  }

  async function addComponents(key: string): Promise<void> {
    const picked = await pick(true);
    remember(picked);
    change(key, ({ components }) => {
      const fresh = picked.filter((variant) => !components.some((component) => component.inventoryItemId === variant.inventoryItemId));
      return { components: [...components, ...fresh.map((variant) => ({ key: crypto.randomUUID(), inventoryItemId: variant.inventoryItemId, quantity: "1" }))] };
    });
  }

  return (
    <SettingsSection id="bundles" title={SETTINGS_PAGES.bundles.title} titleHidden>
      {draft.bundles.length === 0 ? <Hint>No bundle yet.</Hint> : null}
      {draft.bundles.map((bundle, index) => (
        <BundleFields
          key={bundle.key}
          bundle={bundle}
          path={`bundles[${index}]`}
          faults={faults}
          names={pickedNames}
          standings={bundle.parentStock === "derive" ? standings[bundle.variantId] : undefined}
          isProtecting={isProtecting}
          onChange={(patch) => change(bundle.key, patch)}
          onAddComponents={() => void addComponents(bundle.key)}
          onRemove={() => afterPaint(() => edit(({ bundles }) => ({ bundles: bundles.filter((other) => other.key !== bundle.key) })))}
        />
      ))}
      {faultAt(faults, "bundles") === undefined ? null : <InlineError message={faultAt(faults, "bundles") ?? ""} fieldID="add-bundle" />}
      <InlineStack>
        <Button id="add-bundle" onClick={() => void addBundle()}>
          Add a bundle
        </Button>
      </InlineStack>
    </SettingsSection>
  );
}

interface BundleFieldsProps extends Pick<SectionProps, "faults"> {
  readonly bundle: BundleDraft;
  readonly path: string;
  readonly names: Readonly<Record<string, string>>;
  /** Undefined: its own stock does not follow, or that is not saved yet. */
  readonly standings: BundlesPage["standings"][string] | undefined;
  readonly isProtecting: boolean;
  readonly onChange: (patch: (bundle: BundleDraft) => Partial<BundleDraft>) => void;
  readonly onAddComponents: () => void;
  readonly onRemove: () => void;
}

const BundleFields = memo(function BundleFields({ bundle, path, faults, names, standings, isProtecting, onChange, onAddComponents, onRemove }: BundleFieldsProps) {
  const name = names[bundle.variantId] ?? bundle.variantId;
  const own = faultAt(faults, `${path}.variantId`) ?? faultAt(faults, path);
  const missing = faultAt(faults, `${path}.components`);
  return (
    <Card background="bg-surface-secondary">
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <Text as="h2" variant="headingSm">
            {name}
          </Text>
          <Button variant="tertiary" tone="critical" onClick={onRemove} accessibilityLabel={`Remove the bundle ${name}`}>
            Remove
          </Button>
        </InlineStack>
        {own === undefined ? null : <InlineError message={own} fieldID={bundle.key} />}
        <Text as="p">One unit takes:</Text>
        {bundle.components.map((component, position) => (
          <ComponentFields
            key={component.key}
            component={component}
            error={faultAt(faults, `${path}.components[${position}]`, true)}
            name={names[component.inventoryItemId] ?? component.inventoryItemId}
            bundleName={name}
            onQuantity={(quantity) => onChange(({ components }) => ({ components: components.map((other) => (other.key === component.key ? { ...other, quantity } : other)) }))}
            onRemove={() => afterPaint(() => onChange(({ components }) => ({ components: components.filter((other) => other.key !== component.key) })))}
          />
        ))}
        {missing === undefined ? null : <InlineError message={missing} fieldID={`${bundle.key}-add`} />}
        <InlineStack>
          <Button id={`${bundle.key}-add`} size="slim" onClick={onAddComponents}>
            Add items
          </Button>
        </InlineStack>
        <Select
          label="Stock of the bundle itself"
          options={[
            { label: "Leave it as it is", value: "leave" },
            { label: "Keep it at the complete sets that its items allow", value: "derive" },
          ]}
          value={bundle.parentStock}
          onChange={(value) => onChange(() => ({ parentStock: value === "derive" ? "derive" : "leave" }))}
          helpText="While protection is on, Holdfast lowers it as soon as an item is sold, and raises it some minutes after an item came back: when all orders until then are known."
        />
        {standings === undefined ? null : <BundleStandings name={name} standings={standings} isProtecting={isProtecting} />}
      </BlockStack>
    </Card>
  );
}, equalData);

interface ComponentFieldsProps {
  readonly component: BundleDraft["components"][number];
  readonly error: string | undefined;
  readonly name: string;
  readonly bundleName: string;
  readonly onQuantity: (quantity: string) => void;
  readonly onRemove: () => void;
}

function ComponentFields({ component, error, name, bundleName, onQuantity, onRemove }: ComponentFieldsProps) {
  return (
    <BlockStack gap="100">
      <FieldWithAction
        action={
          <Button variant="tertiary" onClick={onRemove} accessibilityLabel={`Remove ${name} from ${bundleName}`}>
            Remove
          </Button>
        }
      >
        <TextField id={component.key} label={name} type="number" min={1} autoComplete="off" value={component.quantity} suffix="units" onChange={onQuantity} error={error !== undefined} />
      </FieldWithAction>
      {error === undefined ? null : <InlineError message={error} fieldID={component.key} />}
    </BlockStack>
  );
}

/** Opens Shopify's picker; an empty list when it was closed without a choice. */
function useVariantPicker(): (multiple: boolean) => Promise<PickedVariant[]> {
  const shopify = useAppBridge();
  return async (multiple) => {
    const selection = await shopify.resourcePicker({ type: "variant", action: multiple ? "add" : "select", multiple });
    return (selection ?? []).flatMap((variant) => {
      const { id, inventoryItem, displayName, title, sku } = variant;
      if (id === undefined || inventoryItem?.id === undefined) return [];
      const name = displayName ?? title ?? id;
      return [{ id, inventoryItemId: inventoryItem.id, name: sku ? `${name} (${sku})` : name }];
    });
  };
}
