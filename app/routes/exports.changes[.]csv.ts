// HTTP: the stock history as a file. Outside the embedded pages: a browser's download is let in by its ticket, not by a session.

import type { LoaderFunctionArgs } from "@remix-run/node";

import { changesFile } from "#app/dashboard/export/changes-file.server.ts";
import { serveExport } from "#app/dashboard/export/serve-export.server.ts";
import { readHistoryFilters } from "#app/dashboard/history-filters.ts";
import { knownTimeZone } from "#app/dashboard/time-zone.ts";
import { dashboardDependencies, exportPorts } from "#app/dashboard/wiring.server.ts";

export function loader({ request }: LoaderFunctionArgs): Promise<Response> {
  return serveExport(request, exportPorts(), {
    kind: "changes",
    open: ({ install, query }) => {
      const { database, clock } = dashboardDependencies();
      const [now, timeZone] = [clock.now(), knownTimeZone(install.timezone)];
      const { changeFilter } = readHistoryFilters(query, now, timeZone);
      return changesFile(database, { installId: install.installId, shop: install.shop, filter: changeFilter, timeZone, now });
    },
  });
}
