// Before Holdfast is uninstalled: units that Shopify keeps aside for it, and orders that it holds, each with the way to clear them away.

import { useFetcher } from "@remix-run/react";
import { Banner, BlockStack, Button, InlineStack, Text } from "@shopify/polaris";

import type { LeavingPage } from "../../leaving-page.server.ts";
import { heldOrdersText, keptAsideText, releasedOutcome } from "../../leaving-terms.ts";
import type { HeldOrdersReleased } from "../../release-held-orders.server.ts";
import { HoldOutcome } from "../holds/hold-outcome.tsx";
import { ReleaseAll } from "../holds/release-all.tsx";
import { useHoldAct } from "../holds/use-hold-act.ts";
import { TextLink } from "../text-link.tsx";
import { SettingsSection } from "./section.tsx";

export function KeptAsideSection({ holds }: Pick<LeavingPage, "holds">) {
  const act = useHoldAct("/app/holds?index");
  return (
    <SettingsSection id="kept-aside" title="Units kept aside">
      <BlockStack gap="300">
        <HoldOutcome answer={act.answer} />
        <Text as="p">{keptAsideText(holds)}</Text>
        <InlineStack gap="300" blockAlign="center">
          <ReleaseAll numbers={holds} act={act} />
          <TextLink url="/app/holds">See what is put aside</TextLink>
        </InlineStack>
      </BlockStack>
    </SettingsSection>
  );
}

export function HeldOrdersSection({ page }: { readonly page: LeavingPage }) {
  const { submit, state, data } = useFetcher<HeldOrdersReleased>();
  const busy = state !== "idle";
  const outcome = busy || data?.kind !== "orders_released" ? null : releasedOutcome(data);
  const [first] = page.heldOrders;
  return (
    <SettingsSection id="held-orders" title="Orders on hold">
      <BlockStack gap="300">
        <div role="status">{outcome === null ? null : <Banner tone={outcome.tone} title={outcome.title}>{outcome.text === undefined ? null : <Text as="p">{outcome.text}</Text>}</Banner>}</div>
        <Text as="p">{heldOrdersText(page)}</Text>
        {first === undefined ? null : (
          <InlineStack gap="300" blockAlign="center">
            <Button loading={busy} disabled={!page.mayRelease} onClick={() => void submit({ intent: "release-orders" }, { method: "post" })}>
              Release the orders
            </Button>
            <TextLink url={`/app/oversells/${first.oversellId}`}>See why they are held</TextLink>
          </InlineStack>
        )}
        {first === undefined || page.mayRelease ? null : <Text as="p">Holdfast has no permission to release them any more: release them in Shopify.</Text>}
      </BlockStack>
    </SettingsSection>
  );
}
