// The install port: one life of the app in a shop. A new AppInstallation id means a new life, whatever notices are still on their way.

export interface InstallFacts {
  shop: string;
  /** gid of Shopify's AppInstallation. */
  appInstallationGid: string;
  /** Granted scopes, sorted. */
  scopes: readonly string[];
  /** IANA name. */
  timezone: string;
  shopName: string;
}

export interface BegunInstall {
  installId: bigint;
  epoch: number;
  /** False when this life was known already; its facts were brought up to date. */
  isNew: boolean;
}

export interface ActiveInstall {
  readonly installId: bigint;
  readonly shop: string;
  readonly epoch: number;
  /** IANA name. */
  readonly timezone: string;
  readonly shopName: string | null;
  readonly scopes: readonly string[];
  readonly installedAt: Date;
}

export interface InstallStore {
  /** Safe to call again and concurrently: one life per AppInstallation id. */
  begin(facts: InstallFacts): Promise<BegunInstall>;
  /** The shop's present life; null when the app is not installed there. */
  active(shop: string): Promise<ActiveInstall | null>;
  /**
   * Active installs with work that nobody was woken for, or whose time has come; at most `limit`, by install id, from the first id
   * after `afterId` on (null: from the beginning).
   */
  withWork(limit: number, afterId: bigint | null): Promise<readonly InstallWithWork[]>;
}

export interface InstallWithWork {
  readonly installId: bigint;
  readonly shop: string;
}
