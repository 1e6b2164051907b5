// The settings-store port: the merchant's settings as an append-only list of versions; the newest is in force.

import type { Settings } from "#app/domain/settings.ts";
import type { SqlExecutor } from "#app/ports/database.ts";

export interface SaveSettings {
  readonly installId: bigint;
  /** The version the writer had read; the new one becomes `expectedVersion + 1`. */
  readonly expectedVersion: number;
  /** A validated document; its own `version` is ignored. */
  readonly document: Settings;
  /** `staff:<id>`, `token:<id>` or `holdfast`. */
  readonly actor: string;
}

export type SaveSettingsResult =
  | { readonly kind: "saved"; readonly settings: Settings }
  /** Somebody saved meanwhile (or the version was never given out); nothing changed. */
  | { readonly kind: "conflict"; readonly current: Settings };

export interface SettingsStore {
  /** Writes version 1 of a new install, once; calling it again changes nothing. */
  initialise(installId: bigint, tx?: SqlExecutor): Promise<void>;
  current(installId: bigint): Promise<Settings>;
  /** Null when there is no such version. */
  at(installId: bigint, version: number): Promise<Settings | null>;
  /** Stores the next version and its audit entry in one transaction. */
  save(request: SaveSettings): Promise<SaveSettingsResult>;
  /** Ends the pause of a source after the merchant looked at the evidence, and lets its parked changes go on; `not_paused` when there is none to end. */
  resumeSource(request: { installId: bigint; sourceKey: string; actor: string }): Promise<{ readonly kind: "resumed" | "not_paused" }>;
}
