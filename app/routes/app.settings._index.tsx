// HTTP: Settings. Watch only or protect, and the rules by which stock is taken and given back.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { SaveBar } from "@shopify/app-bridge-react";
import { BlockStack } from "@shopify/polaris";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { BundlesSection } from "#app/dashboard/components/settings/bundles-section.tsx";
import { HoldsSection } from "#app/dashboard/components/settings/holds-section.tsx";
import { ModeSection } from "#app/dashboard/components/settings/mode-section.tsx";
import { OutcomeBanner } from "#app/dashboard/components/settings/outcome-banner.tsx";
import { RestockSection } from "#app/dashboard/components/settings/restock-section.tsx";
import { RetentionSection, TokensSection } from "#app/dashboard/components/settings/retention-section.tsx";
import { SourcesSection } from "#app/dashboard/components/settings/sources-section.tsx";
import { TimingSection } from "#app/dashboard/components/settings/timing-section.tsx";
import { useSettingsForm } from "#app/dashboard/components/settings/use-settings-form.ts";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { changeSettingsSafely, loadSettingsPage } from "#app/dashboard/settings-page.server.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  return loadSettingsPage(await embeddedContext(request));
}

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return changeSettingsSafely(context, await request.formData());
}

export default function SettingsRoute() {
  const page = useLoaderData<typeof loader>();
  const form = useSettingsForm(page.settings, page.mayWrite);
  const section = { draft: form.draft, edit: form.edit, faults: form.problem?.kind === "faults" ? form.problem.faults : [] };
  return (
    <DashboardPage title={PAGE_NAMES.settings}>
      <SaveBar id="settings-save-bar" open={form.dirty}>
        <button variant="primary" onClick={() => void form.save()} disabled={form.saving}>
          Save
        </button>
        <button onClick={form.discard} disabled={form.saving}>
          Discard
        </button>
      </SaveBar>
      <BlockStack gap="600">
        {form.problem === null ? null : <OutcomeBanner problem={form.problem} onKeepMine={form.keepMine} onTakeTheirs={form.takeTheirs} />}
        <ModeSection {...section} mayWrite={page.mayWrite} />
        <SourcesSection {...section} page={page} />
        <TimingSection {...section} locations={page.locations} />
        <BundlesSection {...section} names={page.names} />
        <RestockSection {...section} />
        <HoldsSection {...section} mayWrite={page.mayWrite} orderCreation={page.orderCreation} />
        <RetentionSection {...section} />
        <TokensSection />
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.settings} back={{ label: PAGE_NAMES.home, url: "/app" }} />;
}
