// HTTP: Settings. Every part with what is in force now; each opens into its page.

import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack } from "@shopify/polaris";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { SettingsGroup } from "#app/dashboard/components/settings/settings-group.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { loadSettingsIndex } from "#app/dashboard/settings-page.server.ts";
import { SETTINGS_GROUPS } from "#app/dashboard/settings-parts.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  return loadSettingsIndex(await embeddedContext(request));
}

export default function SettingsIndex() {
  const page = useLoaderData<typeof loader>();
  return (
    <DashboardPage title={PAGE_NAMES.settings} narrow>
      <BlockStack gap="400">
        {SETTINGS_GROUPS.map((group) => (
          <SettingsGroup key={group.title} group={group} page={page} />
        ))}
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.settings} back={{ label: PAGE_NAMES.home, url: "/app" }} />;
}
