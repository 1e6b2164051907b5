// Everything the settings page shows, and what its form does.

import { sendTestAlert } from "#app/alerts/send-test-alert.server.ts";
import type { Fault } from "#app/domain/document-reader.ts";
import { assertNever } from "#app/domain/invariant.ts";
import { ORDERS_SCOPE, WRITE_SCOPE } from "#app/domain/settings-rules-check.ts";
import type { Settings } from "#app/domain/settings.ts";

import type { EmbeddedContext } from "./embedded-context.server.ts";
import { formatItemName } from "./formatting.ts";
import { hasCreatedOrders, readLocations, readSourceEvidence, readVariantNames, type LocationRow, type SourceEvidenceRow } from "./queries/settings-evidence.server.ts";
import { saveSettings } from "./save-settings.server.ts";

export interface SettingsPage {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly settings: Settings;
  readonly mayWrite: boolean;
  readonly orderCreation: OrderCreationPermission;
  readonly sources: readonly SourceEvidenceRow[];
  readonly locations: readonly LocationRow[];
  /** Names by gid of variants and inventory items, as far as they are known. */
  readonly names: Readonly<Record<string, string>>;
}

/** `withdrawn`: not granted any more, although Holdfast has created orders here. */
export type OrderCreationPermission = "granted" | "not_granted" | "withdrawn";

export type SettingsActionResult =
  | { readonly kind: "saved"; readonly settings: Settings }
  | { readonly kind: "faults"; readonly faults: readonly Fault[] }
  | { readonly kind: "conflict"; readonly current: Settings }
  | { readonly kind: "unavailable" }
  | { readonly kind: "resumed" | "not_paused" }
  | { readonly kind: "alert_tested"; readonly delivered: boolean; readonly message: string }
  /** What Shopify grants right now is on record. */
  | { readonly kind: "permissions_read" }
  | { readonly kind: "not_understood" }
  /** Something that should not happen; it is in the log, and what was typed stays on the page. */
  | { readonly kind: "failed" };

export async function loadSettingsPage({ dependencies, install, timeZone }: Omit<EmbeddedContext, "actor" | "grantedScopesNow">): Promise<SettingsPage> {
  const { database, settingsStore, clock } = dependencies;
  const settings = await settingsStore.current(install.installId);
  const [sources, locations, names, orderCreation] = await Promise.all([
    readSourceEvidence(database, install.installId),
    readLocations(database, install.installId),
    namesOf(settings, (ids) => readVariantNames(database, install.installId, ids)),
    orderCreationOf(dependencies, install),
  ]);
  return { nowMs: clock.now().getTime(), timeZone, settings, mayWrite: install.scopes.includes(WRITE_SCOPE), orderCreation, sources, locations, names };
}

async function orderCreationOf({ database }: Pick<EmbeddedContext["dependencies"], "database">, install: EmbeddedContext["install"]): Promise<OrderCreationPermission> {
  if (install.scopes.includes(ORDERS_SCOPE)) return "granted";
  return (await hasCreatedOrders(database, install.installId)) ? "withdrawn" : "not_granted";
}

/** As `changeSettings`, but a failure is an answer: an error page in place of the form would lose what was typed. */
export async function changeSettingsSafely(context: Omit<EmbeddedContext, "timeZone">, form: FormData): Promise<SettingsActionResult> {
  try {
    return await changeSettings(context, form);
  } catch (error) {
    context.dependencies.logger.error({ err: error, shop: context.install.shop }, "the settings could not be changed");
    return { kind: "failed" };
  }
}

/** `form` holds `intent` and what belongs to it: `save` with `document`, `resume-source` with `sourceKey`, `test-alert` with `index`: which of the saved alerts, `read-permissions` alone. */
export async function changeSettings(context: Omit<EmbeddedContext, "timeZone">, form: FormData): Promise<SettingsActionResult> {
  const { dependencies, install, actor } = context;
  const intent = form.get("intent");
  if (intent === "resume-source") {
    const result = await dependencies.settingsStore.resumeSource({ installId: install.installId, sourceKey: String(form.get("sourceKey")), actor });
    if (result.kind === "resumed") await dependencies.waker.wake(install.shop);
    return result;
  }
  if (intent === "read-permissions") {
    await context.grantedScopesNow();
    return { kind: "permissions_read" };
  }
  if (intent === "test-alert") return testAlert(context, Number(form.get("index")));
  const document = intent === "save" ? parsed(form.get("document")) : undefined;
  if (document === undefined) return { kind: "not_understood" };
  // Shopify tells us of a new permission in a notification of its own, which may come after the person has pressed Save.
  const wantsProtection = typeof document === "object" && document !== null && "mode" in document && document.mode === "enforce";
  const scopes = wantsProtection && !install.scopes.includes(WRITE_SCOPE) ? await context.grantedScopesNow() : install.scopes;
  const outcome = await saveSettings(dependencies, { install: { ...install, scopes }, document, actor });
  switch (outcome.kind) {
    case "saved":
    case "faults":
    case "conflict":
      return outcome;
    case "unavailable":
      return { kind: "unavailable" };
    default:
      return assertNever(outcome);
  }
}

/** Only what is saved can be tested: nobody makes Holdfast call an address that is not on record. */
async function testAlert({ dependencies, install }: Pick<EmbeddedContext, "dependencies" | "install">, index: number): Promise<SettingsActionResult> {
  const target = (await dependencies.settingsStore.current(install.installId)).alerts[index];
  if (target === undefined) return { kind: "not_understood" };
  return { kind: "alert_tested", ...(await sendTestAlert(dependencies.alerts, { install, target })) };
}

function parsed(text: FormDataEntryValue | null): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The decimal id at the end of a gid. */
function tail(gid: string): string {
  return gid.slice(gid.lastIndexOf("/") + 1);
}

async function namesOf(settings: Settings, read: (ids: { variantIds: string[]; inventoryItemIds: string[] }) => ReturnType<typeof readVariantNames>): Promise<Record<string, string>> {
  if (settings.bundles.length === 0) return {};
  const rows = await read({
    variantIds: settings.bundles.map((bundle) => tail(bundle.variantId)),
    inventoryItemIds: settings.bundles.flatMap((bundle) => bundle.components.map((component) => tail(component.inventoryItemId))),
  });
  const names: Record<string, string> = {};
  for (const row of rows) {
    const name = formatItemName(row.title) ?? row.sku;
    if (name === null) continue;
    const withSku = row.sku !== null && row.sku !== name ? `${name} (${row.sku})` : name;
    names[`gid://shopify/ProductVariant/${row.variantId}`] = withSku;
    if (row.inventoryItemId !== null) names[`gid://shopify/InventoryItem/${row.inventoryItemId}`] = withSku;
  }
  return names;
}
