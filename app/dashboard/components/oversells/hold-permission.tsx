// Asks for the optional permission to hold fulfilment, where it is missed: what it is for stands beside the button.

import { Banner, BlockStack, Button, InlineStack, Text } from "@shopify/polaris";

import { HOLD_SCOPES } from "../../oversell-terms.ts";
import type { OversellDetail } from "../../oversells-page.server.ts";
import { usePermission } from "../settings/use-permission.ts";

interface HoldPermissionProps {
  readonly permissions: OversellDetail["permissions"];
  /** Shopify has just refused a hold: the order may be a fulfilment service's. */
  readonly refused: boolean;
}

export function HoldPermission({ permissions, refused }: HoldPermissionProps) {
  const own = usePermission(HOLD_SCOPES.own);
  const service = usePermission(HOLD_SCOPES.service);
  const refusal = own.refusal ?? service.refusal;
  const wantsService = permissions.hold && refused && !permissions.service;
  if (permissions.hold && !wantsService) return null;
  return (
    <Banner tone="info" title={permissions.hold ? "Is it shipped by a fulfilment service?" : "Holdfast may not hold orders in this shop yet"}>
      <BlockStack gap="200">
        <Text as="p">
          {permissions.hold
            ? "Holding what a fulfilment service ships needs a permission of its own. Shopify asks you for it."
            : "To keep a short order from being shipped, Holdfast needs the permission to manage fulfilment orders. Shopify asks you for it; it is used for nothing else. You can always hold an order in Shopify yourself."}
        </Text>
        <InlineStack gap="200">
          {wantsService ? (
            <Button loading={service.busy} onClick={() => void service.ask()}>
              Allow holding what services ship
            </Button>
          ) : (
            <Button loading={own.busy} onClick={() => void own.ask()}>
              Allow holding orders
            </Button>
          )}
        </InlineStack>
        <div role="status">
          {refusal === null ? null : <Text as="p">{refusal === "declined" ? "Shopify asked, and the permission was not granted. Nothing has changed." : "Shopify did not answer. Try again in a moment."}</Text>}
        </div>
      </BlockStack>
    </Banner>
  );
}
