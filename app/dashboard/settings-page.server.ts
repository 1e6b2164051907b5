// What each page of the settings shows. The document itself is on all of them: whichever is saved, the whole document is.

import { channelOfTarget } from "#app/alerts/channel-of-target.server.ts";
import type { Settings } from "#app/domain/settings.ts";
import { ORDERS_SCOPE, WRITE_SCOPE } from "#app/domain/settings-rules-check.ts";
import { SETTINGS_LIMITS } from "#app/domain/settings-validation.ts";

import { type PlaceStanding, standingsByBundle } from "./bundle-standing.ts";
import { exportText } from "./check-import.server.ts";
import type { EmbeddedContext } from "./embedded-context.server.ts";
import { readAlertStandings, type AlertStanding } from "./queries/alert-standings.server.ts";
import { readExternalStanding, type ExternalStanding } from "./queries/list-external-pushes.server.ts";
import { countHistory, type HistoryCount } from "./queries/history-age.server.ts";
import { hasCreatedOrders, readLocations, readSourceEvidence, type LocationRow, type SourceEvidenceRow } from "./queries/settings-evidence.server.ts";
import { readVersion } from "./queries/settings-versions.server.ts";
import type { SettingsNames } from "./settings-difference.ts";
import { readSettingsNames } from "./settings-names.server.ts";
import { mayHoldFulfilment } from "./settings-permissions.ts";
import { settingsSummary, type PartSummary } from "./settings-summary.ts";
import type { SettingsPageId } from "./settings-parts.ts";

type PageContext = Pick<EmbeddedContext, "dependencies" | "install" | "timeZone">;

/** On every page with a form. */
export interface SettingsFacts {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly settings: Settings;
  /** Granted to the app. */
  readonly scopes: readonly string[];
  readonly mayWrite: boolean;
}

/** `withdrawn`: not granted any more, although Holdfast has created orders here. */
export type OrderCreationPermission = "granted" | "not_granted" | "withdrawn";

export async function loadSettingsFacts({ dependencies, install, timeZone }: PageContext): Promise<SettingsFacts> {
  const settings = await dependencies.settingsStore.current(install.installId);
  return { nowMs: dependencies.clock.now().getTime(), timeZone, settings, scopes: install.scopes, mayWrite: install.scopes.includes(WRITE_SCOPE) };
}

export interface SettingsIndex extends Pick<SettingsFacts, "nowMs" | "timeZone"> {
  readonly summaries: Readonly<Record<SettingsPageId, PartSummary>>;
  readonly savedAt: Date;
  readonly savedBy: string;
}

export async function loadSettingsIndex(context: PageContext): Promise<SettingsIndex> {
  const { database, apiTokenStore, clock } = context.dependencies;
  const { installId, scopes } = context.install;
  const [facts, sources, locations, tokens] = await Promise.all([
    loadSettingsFacts(context),
    readSourceEvidence(database, installId),
    readLocations(database, installId),
    apiTokenStore.list(installId),
  ]);
  const { settings } = facts;
  const [standings, saved] = await Promise.all([readAlertStandings(database, installId, channelsOf(settings)), readVersion(database, installId, settings.version)]);
  const summaries = settingsSummary({
    settings,
    mayWrite: facts.mayWrite,
    mayHoldFulfilment: mayHoldFulfilment(scopes),
    pausedSourceKeys: sources.filter(({ pausedAt }) => pausedAt !== null).map(({ sourceKey }) => sourceKey),
    locationNames: Object.fromEntries(locations.map(({ locationId, name }) => [`gid://shopify/Location/${locationId}`, name])),
    tokensInUse: tokens.filter(({ revokedAt }) => revokedAt === null).length,
    failingTargets: standings.filter((standing) => standing.failure !== null).length,
  });
  return { nowMs: facts.nowMs, timeZone: facts.timeZone, summaries, savedAt: saved?.createdAt ?? clock.now(), savedBy: saved?.createdBy ?? "holdfast" };
}

export interface SourcesPage extends SettingsFacts {
  readonly sources: readonly SourceEvidenceRow[];
}

export async function loadSourcesPage(context: PageContext): Promise<SourcesPage> {
  const [facts, sources] = await Promise.all([loadSettingsFacts(context), readSourceEvidence(context.dependencies.database, context.install.installId)]);
  return { ...facts, sources };
}

export interface TimingPage extends SettingsFacts {
  readonly locations: readonly LocationRow[];
}

export async function loadTimingPage(context: PageContext): Promise<TimingPage> {
  const [facts, locations] = await Promise.all([loadSettingsFacts(context), readLocations(context.dependencies.database, context.install.installId)]);
  return { ...facts, locations };
}

export interface BundlesPage extends SettingsFacts {
  readonly names: SettingsNames;
  /** Of the saved bundles whose own stock follows: by variant gid, a place each. */
  readonly standings: Readonly<Record<string, readonly PlaceStanding[]>>;
}

export async function loadBundlesPage(context: PageContext): Promise<BundlesPage> {
  const { database, bundleView } = context.dependencies;
  const { installId } = context.install;
  const facts = await loadSettingsFacts(context);
  const following = facts.settings.bundles.filter(({ parentStock }) => parentStock === "derive");
  const [names, locations, standings] = await Promise.all([readSettingsNames(database, installId, [facts.settings]), readLocations(database, installId), bundleView.standings(installId, following)]);
  return { ...facts, names, standings: standingsByBundle(following, standings, locations) };
}

export interface HoldsSettingsPage extends SettingsFacts {
  readonly orderCreation: OrderCreationPermission;
}

export async function loadHoldsSettings(context: PageContext): Promise<HoldsSettingsPage> {
  const [facts, orderCreation] = await Promise.all([loadSettingsFacts(context), orderCreationOf(context)]);
  return { ...facts, orderCreation };
}

async function orderCreationOf({ dependencies, install }: PageContext): Promise<OrderCreationPermission> {
  if (install.scopes.includes(ORDERS_SCOPE)) return "granted";
  return (await hasCreatedOrders(dependencies.database, install.installId)) ? "withdrawn" : "not_granted";
}

export interface OversellSettingsPage extends SettingsFacts {
  readonly mayHold: boolean;
}

export async function loadOversellSettings(context: PageContext): Promise<OversellSettingsPage> {
  return { ...(await loadSettingsFacts(context)), mayHold: mayHoldFulfilment(context.install.scopes) };
}

export interface AlertsPage extends SettingsFacts {
  /** In the order of the saved targets. */
  readonly standings: readonly AlertStanding[];
}

export async function loadAlertsPage(context: PageContext): Promise<AlertsPage> {
  const facts = await loadSettingsFacts(context);
  return { ...facts, standings: await readAlertStandings(context.dependencies.database, context.install.installId, channelsOf(facts.settings)) };
}

export interface ExternalPage extends SettingsFacts {
  readonly standing: ExternalStanding;
}

export async function loadExternalPage(context: PageContext): Promise<ExternalPage> {
  const [facts, standing] = await Promise.all([loadSettingsFacts(context), readExternalStanding(context.dependencies.database, context.install.installId)]);
  return { ...facts, standing };
}

export interface HistorySettingsPage extends SettingsFacts {
  readonly counts: HistoryCount;
  /** What `counts` is older than. */
  readonly countedDays: number;
}

/** @param days what somebody is about to save; null or nonsense: what is saved. */
export async function loadHistorySettings(context: PageContext, days: string | null): Promise<HistorySettingsPage> {
  const facts = await loadSettingsFacts(context);
  const asked = days !== null && /^[0-9]{1,5}$/.test(days) ? Number(days) : facts.settings.retentionDays;
  const countedDays = Math.min(Math.max(asked, SETTINGS_LIMITS.retentionDaysMin), SETTINGS_LIMITS.retentionDaysMax);
  const olderThan = new Date(facts.nowMs - countedDays * 86_400_000);
  return { ...facts, countedDays, counts: await countHistory(context.dependencies.database, context.install.installId, olderThan) };
}

export interface TransferPage extends SettingsFacts {
  /** The file, as it is downloaded. */
  readonly file: string;
}

export async function loadTransferPage(context: PageContext): Promise<TransferPage> {
  const facts = await loadSettingsFacts(context);
  return { ...facts, file: exportText(facts.settings) };
}

/** In the order of the document. */
function channelsOf({ alerts }: Settings): string[] {
  return alerts.map((target) => channelOfTarget(target).channel);
}
