// Why asking for a permission changed nothing, beside the button that asked.

import { Text } from "@shopify/polaris";

import type { Permission } from "../settings/use-permission.ts";

const REASONS: Readonly<Record<NonNullable<Permission["refusal"]>, string>> = {
  declined: "The permission was not granted, so nothing has changed. You can ask again at any time.",
  failed: "Shopify could not be asked. Nothing has changed; try again in a moment.",
};

export function PermissionRefused({ permission: { refusal } }: { readonly permission: Pick<Permission, "refusal"> }) {
  return <div role="status">{refusal === null ? null : <Text as="p">{REASONS[refusal]}</Text>}</div>;
}
