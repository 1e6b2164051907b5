// What the pages of earlier versions show: the list with what each changed, and one version beside the one in force.

import type { EmbeddedContext } from "./embedded-context.server.ts";
import { listVersions, readVersion, type VersionWithDocument } from "./queries/settings-versions.server.ts";
import { asNext } from "./restore-settings.server.ts";
import { describeDifference, differingParts, type DescribedPart } from "./settings-difference.ts";
import { missingScopes } from "./settings-permissions.ts";
import { readSettingsNames } from "./settings-names.server.ts";

type PageContext = Pick<EmbeddedContext, "dependencies" | "install" | "timeZone">;

const VERSIONS_ON_PAGE = 25;

export interface VersionSummary {
  readonly version: number;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** The parts that it changed; empty for the first one, and for one that changed nothing. */
  readonly changed: string;
}

export interface VersionsPage {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly versions: readonly VersionSummary[];
  readonly currentVersion: number;
  /** Go on below this version; null: there are no older ones. */
  readonly olderThan: number | null;
  readonly isNewest: boolean;
}

export async function loadVersions({ dependencies, install, timeZone }: PageContext, query: URLSearchParams): Promise<VersionsPage> {
  const before = readVersionNumber(query.get("before") ?? undefined);
  const { database, settingsStore, clock } = dependencies;
  // One more than is shown: the oldest on the page is compared with the one before it.
  const [rows, current] = await Promise.all([listVersions(database, install.installId, before, VERSIONS_ON_PAGE + 1), settingsStore.current(install.installId)]);
  const shown = rows.slice(0, VERSIONS_ON_PAGE);
  const versions = shown.map((row, index): VersionSummary => {
    const previous = rows[index + 1];
    return { version: row.version, createdAt: row.createdAt, createdBy: row.createdBy, changed: previous === undefined ? "" : differingParts(describeDifference(previous.document, row.document)) };
  });
  return { nowMs: clock.now().getTime(), timeZone, versions, currentVersion: current.version, olderThan: rows.length > VERSIONS_ON_PAGE ? (shown.at(-1)?.version ?? null) : null, isNewest: before === null };
}

export interface VersionPage {
  readonly nowMs: number;
  readonly timeZone: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly currentVersion: number;
  readonly isFirst: boolean;
  /** What it changed. */
  readonly changed: readonly DescribedPart[];
  /** What restoring it would change now. */
  readonly restoring: readonly DescribedPart[];
  /** Asked for before it is restored. */
  readonly missingScopes: readonly string[];
}

/** Null when the install has no such version. */
export async function loadVersion({ dependencies, install, timeZone }: PageContext, versionText: string | undefined): Promise<VersionPage | null> {
  const { database, settingsStore, clock } = dependencies;
  const { installId } = install;
  const version = readVersionNumber(versionText);
  if (version === null) return null;
  const [row, previous, current] = await Promise.all([readVersion(database, installId, version), readVersion(database, installId, version - 1), settingsStore.current(installId)]);
  if (row === null) return null;
  const documents = [row, previous].filter((one): one is VersionWithDocument => one !== null).map(({ document }) => document);
  const names = await readSettingsNames(database, installId, [...documents, current]);
  return {
    nowMs: clock.now().getTime(),
    timeZone,
    version,
    createdAt: row.createdAt,
    createdBy: row.createdBy,
    currentVersion: current.version,
    isFirst: previous === null,
    changed: previous === null ? [] : describeDifference(previous.document, row.document, names),
    restoring: describeDifference(current, asNext(row.document, current, current.version), names),
    missingScopes: missingScopes(row.document, current, install.scopes),
  };
}

function readVersionNumber(text: string | undefined): number | null {
  return text !== undefined && /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : null;
}
