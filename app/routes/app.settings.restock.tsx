// HTTP: Settings, what gives stock back.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";

import { changeSettingsSafely } from "#app/dashboard/change-settings.server.ts";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { RestockSection } from "#app/dashboard/components/settings/restock-section.tsx";
import { RulesPreview } from "#app/dashboard/components/settings/rules-preview.tsx";
import { SettingsFormPage } from "#app/dashboard/components/settings/settings-form-page.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { loadSettingsFacts } from "#app/dashboard/settings-page.server.ts";
import { SETTINGS_PAGES, SETTINGS_URL } from "#app/dashboard/settings-parts.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";
import { settingsPorts } from "#app/dashboard/wiring.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  return loadSettingsFacts(await embeddedContext(request));
}

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return changeSettingsSafely(context, settingsPorts(), await request.formData());
}

export default function RestockSettings() {
  const page = useLoaderData<typeof loader>();
  return (
    <SettingsFormPage part="restock" page={page}>
      {(section) => (
        <>
          <RestockSection {...section} />
          <RulesPreview draft={section.draft} />
        </>
      )}
    </SettingsFormPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={SETTINGS_PAGES.restock.title} back={{ label: PAGE_NAMES.settings, url: SETTINGS_URL }} />;
}
