// HTTP: Settings, one earlier version: what it changed, what restoring it would change now, and restoring it.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Badge, BlockStack, Card, Text } from "@shopify/polaris";

import { changeSettingsSafely } from "#app/dashboard/change-settings.server.ts";
import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { Facts } from "#app/dashboard/components/facts.tsx";
import { Moment } from "#app/dashboard/components/moment.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { DifferenceList } from "#app/dashboard/components/settings/difference-list.tsx";
import { RestoreVersion } from "#app/dashboard/components/settings/restore-version.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { SETTINGS_PAGES, settingsUrl } from "#app/dashboard/settings-parts.ts";
import { loadVersion } from "#app/dashboard/settings-versions-page.server.ts";
import { actorText } from "#app/dashboard/terms.ts";
import { settingsPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request, params }: LoaderFunctionArgs) {
  const page = await loadVersion(await embeddedContext(request), params["version"]);
  if (page === null) throw new Response("There is no such version.", { status: 404 });
  return page;
}

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return changeSettingsSafely(context, settingsPorts(), await request.formData());
}

export default function SettingsVersion() {
  const page = useLoaderData<typeof loader>();
  const isCurrent = page.version === page.currentVersion;
  const saved = <Moment at={page.createdAt} nowMs={page.nowMs} timeZone={page.timeZone} exact />;
  return (
    <DashboardPage
      title={`Version ${page.version}`}
      back={{ label: SETTINGS_PAGES.versions.title, url: settingsUrl("versions") }}
      narrow
      {...(isCurrent ? { badge: <Badge tone="success">In force</Badge> } : {})}
    >
      <BlockStack gap="400">
        <Card>
          <BlockStack gap="400">
            <Facts facts={[{ name: "Saved", value: saved }, { name: "By", value: actorText(page.createdBy) }]} />
            <Text as="h2" variant="headingMd">
              What it changed
            </Text>
            {page.changed.length === 0 ? <Text as="p">{page.isFirst ? "It is the oldest version that is stored." : "Nothing: it was saved without a change."}</Text> : <DifferenceList parts={page.changed} />}
          </BlockStack>
        </Card>
        {isCurrent ? null : <RestoreVersion page={page} />}
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={SETTINGS_PAGES.versions.title} back={{ label: SETTINGS_PAGES.versions.title, url: settingsUrl("versions") }} />;
}
