// HTTP: Settings, stock that is put aside for a checkout of the merchant's own.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";

import { changeSettingsSafely } from "#app/dashboard/change-settings.server.ts";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { HoldsSection } from "#app/dashboard/components/settings/holds-section.tsx";
import { SettingsFormPage } from "#app/dashboard/components/settings/settings-form-page.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { loadHoldsSettings } from "#app/dashboard/settings-page.server.ts";
import { SETTINGS_PAGES, SETTINGS_URL } from "#app/dashboard/settings-parts.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";
import { settingsPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  return loadHoldsSettings(await embeddedContext(request));
}

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return changeSettingsSafely(context, settingsPorts(), await request.formData());
}

export default function HoldSettings() {
  const page = useLoaderData<typeof loader>();
  return (
    <SettingsFormPage part="holds" page={page}>
      {(section) => <HoldsSection {...section} mayWrite={page.mayWrite} orderCreation={page.orderCreation} />}
    </SettingsFormPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={SETTINGS_PAGES.holds.title} back={{ label: PAGE_NAMES.settings, url: SETTINGS_URL }} />;
}
