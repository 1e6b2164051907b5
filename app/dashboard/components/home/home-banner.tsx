// The first thing on Home: no known problems with the proof of it, or what to do first; beneath it, what else waits.

import { Banner, BlockStack, Card, Text } from "@shopify/polaris";

import type { HomeState } from "../../home-state.ts";
import { usePermission } from "../settings/use-permission.ts";
import { TextLink } from "../text-link.tsx";
import { PermissionRefused } from "./permission-refused.tsx";

export function HomeBanner({ state }: { readonly state: HomeState }) {
  const permission = usePermission("write_inventory");
  const action = bannerAction(state, permission);
  // One block: between banners and what follows them Polaris keeps a distance by itself.
  return (
    <BlockStack gap="300">
      <Banner tone={state.tone} title={state.title} {...(action === null ? {} : { action })}>
        <Text as="p">{state.text}</Text>
        <PermissionRefused permission={permission} />
      </Banner>
      {state.also.length === 0 ? null : <AlsoWaiting lines={state.also} />}
    </BlockStack>
  );
}

function bannerAction({ action }: HomeState, permission: ReturnType<typeof usePermission>) {
  if (action === undefined) return null;
  return "url" in action ? { content: action.label, url: action.url } : { content: action.label, loading: permission.busy, onAction: () => void permission.ask() };
}

function AlsoWaiting({ lines }: { readonly lines: HomeState["also"] }) {
  return (
    <Card padding="400">
      <BlockStack gap="200">
        <Text as="h2" variant="headingSm">
          Also waiting
        </Text>
        <ul className="hf-lines">
          {lines.map((line) => (
            <li key={line.text}>
              <TextLink url={line.url}>{line.text}</TextLink>
            </li>
          ))}
        </ul>
      </BlockStack>
    </Card>
  );
}
