// HTTP: Settings, one sale that takes several items.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";

import { changeSettingsSafely } from "#app/dashboard/change-settings.server.ts";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { BundlesSection } from "#app/dashboard/components/settings/bundles-section.tsx";
import { RulesPreview } from "#app/dashboard/components/settings/rules-preview.tsx";
import { SettingsFormPage } from "#app/dashboard/components/settings/settings-form-page.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { loadBundlesPage } from "#app/dashboard/settings-page.server.ts";
import { SETTINGS_PAGES, SETTINGS_URL } from "#app/dashboard/settings-parts.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";
import { settingsPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  return loadBundlesPage(await embeddedContext(request));
}

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return changeSettingsSafely(context, settingsPorts(), await request.formData());
}

export default function BundleSettings() {
  const page = useLoaderData<typeof loader>();
  return (
    <SettingsFormPage part="bundles" page={page}>
      {(section) => (
        <>
          <BundlesSection {...section} names={page.names} standings={page.standings} isProtecting={page.settings.mode === "enforce"} />
          <RulesPreview draft={section.draft} />
        </>
      )}
    </SettingsFormPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={SETTINGS_PAGES.bundles.title} back={{ label: PAGE_NAMES.settings, url: SETTINGS_URL }} />;
}
