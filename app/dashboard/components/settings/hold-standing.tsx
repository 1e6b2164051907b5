// What holds have in force right now: what they are promised from and why, and whether Holdfast may create the order.

import { Badge, Banner, BlockStack, Button, InlineStack, Text } from "@shopify/polaris";
import type { ReactNode } from "react";

import { ORDERS_SCOPE, WRITE_SCOPE } from "#app/domain/settings-rules-check.ts";
import type { Settings } from "#app/domain/settings.ts";

import { holdPromise } from "../../hold-promise.ts";
import type { OrderCreationPermission } from "../../settings-page.server.ts";
import { settingsUrl } from "../../settings-parts.ts";
import { usePermission, type Permission } from "./use-permission.ts";

interface HoldPromiseStandingProps {
  /** As saved: what is typed is not in force yet. */
  readonly saved: Settings;
  readonly mayWrite: boolean;
  /** Ticks the choice in the form, which is still to be saved. */
  readonly onChoose: () => void;
}

export function HoldPromiseStanding({ saved, mayWrite, onChoose }: HoldPromiseStandingProps) {
  const inventory = usePermission(WRITE_SCOPE);
  const { label, meaning, seenByShopify, missing } = holdPromise(saved, mayWrite);
  return (
    <Standing title="Holds right now" badge={<Badge tone={seenByShopify ? "success" : "attention"}>{label}</Badge>} text={meaning}>
      {missing === "choice" ? <Button onClick={onChoose}>Show held stock in Shopify</Button> : null}
      {missing === "protection" ? <Button url={settingsUrl("mode")}>Go to protection</Button> : null}
      {missing === "permission" ? (
        <Button loading={inventory.busy} onClick={() => void inventory.ask()}>
          Allow inventory changes
        </Button>
      ) : null}
      <Refusal permission={inventory} />
    </Standing>
  );
}

const ORDER_CREATION: Readonly<Record<OrderCreationPermission, string>> = {
  granted: "Your checkout may leave the order to Holdfast, which creates it once, also when an answer is lost.",
  not_granted: "Needed only if your checkout leaves the order to Holdfast, which creates it once, also when an answer is lost. Shopify asks you for the permission to edit orders.",
  withdrawn: "Shopify asks you for the permission to edit orders.",
};

export function OrderCreationStanding({ permission }: { readonly permission: OrderCreationPermission }) {
  const orders = usePermission(ORDERS_SCOPE);
  const granted = permission === "granted";
  return (
    <Standing title="Let Holdfast create the order" badge={<Badge {...(granted ? { tone: "success" as const } : {})}>{granted ? "Allowed" : "Not allowed"}</Badge>} text={ORDER_CREATION[permission]}>
      {permission === "withdrawn" ? (
        <Banner tone="warning" title="The permission to create orders was withdrawn">
          <Text as="p">Holdfast has created orders for your checkout before. It may not any more: a checkout that asks for it is refused, and its hold stays unpaid until the checkout creates the order itself.</Text>
        </Banner>
      ) : null}
      {granted ? (
        <Button loading={orders.busy} onClick={() => void orders.giveBack()}>
          Withdraw the permission
        </Button>
      ) : (
        <Button loading={orders.busy} onClick={() => void orders.ask()}>
          Allow creating orders
        </Button>
      )}
      <Refusal permission={orders} />
    </Standing>
  );
}

interface StandingProps {
  readonly title: string;
  readonly badge: ReactNode;
  readonly text: string;
  readonly children: ReactNode;
}

export function Standing({ title, badge, text, children }: StandingProps) {
  return (
    <BlockStack gap="200" inlineAlign="start">
      <InlineStack gap="200" blockAlign="center">
        <Text as="h2" variant="headingSm">
          {title}
        </Text>
        {badge}
      </InlineStack>
      <Text as="p" tone="subdued">
        {text}
      </Text>
      {children}
    </BlockStack>
  );
}

export function Refusal({ permission: { refusal } }: { readonly permission: Permission }) {
  return (
    <div role="status">
      {refusal === null ? null : <Text as="p">{refusal === "declined" ? "Shopify asked, and the permission was not granted. Nothing has changed." : "Shopify did not answer. Try again in a moment."}</Text>}
    </div>
  );
}
