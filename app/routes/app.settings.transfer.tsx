// HTTP: Settings, import and export.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack } from "@shopify/polaris";

import { changeSettingsSafely } from "#app/dashboard/change-settings.server.ts";
import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { EverythingSection } from "#app/dashboard/components/settings/everything-section.tsx";
import { ExportSection, ImportSection } from "#app/dashboard/components/settings/transfer-sections.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { loadTransferPage } from "#app/dashboard/settings-page.server.ts";
import { SETTINGS_PAGES, SETTINGS_URL } from "#app/dashboard/settings-parts.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";
import { settingsPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  return loadTransferPage(await embeddedContext(request));
}

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return changeSettingsSafely(context, settingsPorts(), await request.formData());
}

export default function SettingsTransfer() {
  const page = useLoaderData<typeof loader>();
  const { title, description } = SETTINGS_PAGES.transfer;
  return (
    <DashboardPage title={title} subtitle={description} back={{ label: PAGE_NAMES.settings, url: SETTINGS_URL }} narrow>
      <BlockStack gap="400">
        <ExportSection file={page.file} version={page.settings.version} />
        <ImportSection page={page} />
        <EverythingSection />
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={SETTINGS_PAGES.transfer.title} back={{ label: PAGE_NAMES.settings, url: SETTINGS_URL }} />;
}
