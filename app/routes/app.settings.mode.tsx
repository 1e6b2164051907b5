// HTTP: Settings, what Holdfast does: watch only, or protect.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";

import { changeSettingsSafely } from "#app/dashboard/change-settings.server.ts";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { ModeSection } from "#app/dashboard/components/settings/mode-section.tsx";
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

export default function ModeSettings() {
  const page = useLoaderData<typeof loader>();
  return (
    <SettingsFormPage part="mode" page={page}>
      {(section) => (
        <>
          <ModeSection {...section} mayWrite={page.mayWrite} />
          <RulesPreview draft={section.draft} />
        </>
      )}
    </SettingsFormPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={SETTINGS_PAGES.mode.title} back={{ label: PAGE_NAMES.settings, url: SETTINGS_URL }} />;
}
