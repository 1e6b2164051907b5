// HTTP: Settings, earlier versions: when the settings were saved, by whom, and which parts changed.

import type { LoaderFunctionArgs } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { Badge, BlockStack, Card, InlineStack, Text } from "@shopify/polaris";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { ListPages } from "#app/dashboard/components/list-pages.tsx";
import { Moment } from "#app/dashboard/components/moment.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { SETTINGS_PAGES, SETTINGS_URL, settingsUrl } from "#app/dashboard/settings-parts.ts";
import { loadVersions, type VersionSummary } from "#app/dashboard/settings-versions-page.server.ts";
import { actorText, PAGE_NAMES } from "#app/dashboard/terms.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  return loadVersions(await embeddedContext(request), new URL(request.url).searchParams);
}

export default function SettingsVersions() {
  const page = useLoaderData<typeof loader>();
  const url = settingsUrl("versions");
  return (
    <DashboardPage title={SETTINGS_PAGES.versions.title} subtitle={SETTINGS_PAGES.versions.description} back={{ label: PAGE_NAMES.settings, url: SETTINGS_URL }} narrow>
      <BlockStack gap="400">
        <Card padding="0">
          <ul className="hf-cards">
            {page.versions.map((version) => (
              <li key={version.version}>
                <Link to={`${url}/${version.version}`} prefetch="none" className="hf-card-link">
                  <BlockStack gap="050">
                    <InlineStack gap="200" blockAlign="center">
                      <Text as="span" fontWeight="semibold">{`Version ${version.version}`}</Text>
                      {version.version === page.currentVersion ? <Badge tone="success">In force</Badge> : null}
                    </InlineStack>
                    <Text as="span">{changedText(version)}</Text>
                    <Text as="span" variant="bodySm" tone="subdued">
                      <Moment at={version.createdAt} nowMs={page.nowMs} timeZone={page.timeZone} /> by {actorText(version.createdBy)}
                    </Text>
                  </BlockStack>
                </Link>
              </li>
            ))}
          </ul>
        </Card>
        <ListPages newerUrl={page.isNewest ? null : url} olderUrl={page.olderThan === null ? null : `${url}?before=${page.olderThan}`} labels={{ newer: "Newest", older: "Older" }} />
      </BlockStack>
    </DashboardPage>
  );
}

function changedText({ version, changed }: VersionSummary): string {
  if (version === 1) return "What a new installation starts with";
  return changed === "" ? "Saved without a change" : changed;
}

export function ErrorBoundary() {
  return <RouteError title={SETTINGS_PAGES.versions.title} back={{ label: PAGE_NAMES.settings, url: SETTINGS_URL }} />;
}
