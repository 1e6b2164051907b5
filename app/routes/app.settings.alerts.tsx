// HTTP: Settings, who is told when something goes wrong.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";

import { changeSettingsSafely } from "#app/dashboard/change-settings.server.ts";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { AlertsSection } from "#app/dashboard/components/settings/alerts-section.tsx";
import { SigningSecretSection } from "#app/dashboard/components/settings/signing-secret-section.tsx";
import { SettingsFormPage } from "#app/dashboard/components/settings/settings-form-page.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { loadAlertsPage } from "#app/dashboard/settings-page.server.ts";
import { SETTINGS_PAGES, SETTINGS_URL } from "#app/dashboard/settings-parts.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";
import { settingsPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  return loadAlertsPage(await embeddedContext(request));
}

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return changeSettingsSafely(context, settingsPorts(), await request.formData());
}

export default function AlertSettings() {
  const page = useLoaderData<typeof loader>();
  return (
    <SettingsFormPage part="alerts" page={page}>
      {(section) => (
        <>
          <AlertsSection {...section} page={page} />
          <SigningSecretSection targets={section.draft.base.alerts} />
        </>
      )}
    </SettingsFormPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={SETTINGS_PAGES.alerts.title} back={{ label: PAGE_NAMES.settings, url: SETTINGS_URL }} />;
}
