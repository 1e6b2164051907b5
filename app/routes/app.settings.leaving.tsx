// HTTP: Settings, before Holdfast is uninstalled: what only Holdfast can clear away, and what to take along.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Banner, BlockStack, List } from "@shopify/polaris";

import { changeSettingsSafely } from "#app/dashboard/change-settings.server.ts";
import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { EverythingSection } from "#app/dashboard/components/settings/everything-section.tsx";
import { HeldOrdersSection, KeptAsideSection } from "#app/dashboard/components/settings/leaving-sections.tsx";
import { SettingsSection } from "#app/dashboard/components/settings/section.tsx";
import { TextLink } from "#app/dashboard/components/text-link.tsx";
import { useLiveUpdates } from "#app/dashboard/components/use-live-updates.ts";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { formatCapped } from "#app/dashboard/formatting.ts";
import { type LeavingPage, loadLeavingPage } from "#app/dashboard/leaving-page.server.ts";
import { isReadyToLeave, LEAVING_FACTS } from "#app/dashboard/leaving-terms.ts";
import { releaseHeldOrders } from "#app/dashboard/release-held-orders.server.ts";
import { SETTINGS_PAGES, SETTINGS_URL } from "#app/dashboard/settings-parts.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";
import { oversellPorts, settingsPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  return loadLeavingPage(await embeddedContext(request));
}

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  const form = await request.formData();
  if (form.get("intent") === "release-orders") return releaseHeldOrders({ ...oversellPorts(), database: context.dependencies.database }, context);
  return changeSettingsSafely(context, settingsPorts(), form);
}

export default function Leaving() {
  const page = useLoaderData<typeof loader>();
  const { title, description } = SETTINGS_PAGES.leaving;
  // What was released goes back within moments.
  useLiveUpdates();
  return (
    <DashboardPage title={title} subtitle={description} back={{ label: PAGE_NAMES.settings, url: SETTINGS_URL }} narrow>
      <BlockStack gap="400">
        {isReadyToLeave(page) ? <Banner tone="success" title="Shopify keeps nothing aside and nothing on hold for Holdfast" /> : null}
        <KeptAsideSection holds={page.holds} />
        <HeldOrdersSection page={page} />
        <OpenWork page={page} />
        <EverythingSection />
        <SettingsSection id="what-stays" title="What stays, and what ends">
          <List>
            {LEAVING_FACTS.map((fact) => (
              <List.Item key={fact}>{fact}</List.Item>
            ))}
          </List>
        </SettingsSection>
      </BlockStack>
    </DashboardPage>
  );
}

function OpenWork({ page: { unsent, parked } }: { readonly page: LeavingPage }) {
  if (unsent.count === 0 && parked.count === 0) return null;
  return (
    <SettingsSection id="open-work" title="Not done yet" description="What Holdfast has decided and not applied is lost when it is uninstalled: the stock of those orders stays as it is.">
      <List>
        {unsent.count === 0 ? null : (
          <List.Item>
            <TextLink url="/app/history?state=waiting,claimed">{`Changes that wait or are on their way: ${formatCapped(unsent.count)}`}</TextLink>
          </List.Item>
        )}
        {parked.count === 0 ? null : (
          <List.Item>
            <TextLink url="/app/review">{`Changes that need review: ${formatCapped(parked.count)}`}</TextLink>
          </List.Item>
        )}
      </List>
    </SettingsSection>
  );
}

export function ErrorBoundary() {
  return <RouteError title={SETTINGS_PAGES.leaving.title} back={{ label: PAGE_NAMES.settings, url: SETTINGS_URL }} />;
}
