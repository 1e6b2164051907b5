// Everything the help page shows that is not plain text: the diagnostics of this shop and whom to ask.

import type { SupportEnvironment } from "#app/config/environment.ts";
import { ADMIN_API_VERSION } from "#app/domain/api-version.ts";

import packageFile from "../../package.json" with { type: "json" };
import { diagnosticsText } from "./diagnostics.ts";
import type { EmbeddedContext } from "./embedded-context.server.ts";
import { formatExact } from "./formatting.ts";
import { readDiagnosticFacts } from "./queries/diagnostics.server.ts";

export interface HelpPage {
  readonly diagnostics: string;
  readonly support: SupportEnvironment;
  readonly personMayChangeStock: boolean;
  /** By the shop's clock. */
  readonly now: string;
  readonly timeZone: string;
}

type HelpContext = Pick<EmbeddedContext, "dependencies" | "install" | "timeZone" | "mayChangeStock">;

export async function loadHelpPage({ dependencies, install, timeZone, mayChangeStock }: HelpContext, support: SupportEnvironment): Promise<HelpPage> {
  const [settings, facts, personMayChangeStock] = await Promise.all([
    dependencies.settingsStore.current(install.installId),
    readDiagnosticFacts(dependencies.database, install.installId),
    mayChangeStock(install.scopes, "session"),
  ]);
  const now = dependencies.clock.now();
  const diagnostics = diagnosticsText({
    appVersion: packageFile.version,
    apiVersion: ADMIN_API_VERSION,
    shop: install.shop,
    epoch: install.epoch,
    installedAt: install.installedAt,
    mode: settings.mode,
    settingsVersion: settings.version,
    scopes: install.scopes,
    timeZone,
    personMayChangeStock,
    facts,
    now,
  });
  return { diagnostics, support, personMayChangeStock, now: formatExact(now, timeZone), timeZone };
}
