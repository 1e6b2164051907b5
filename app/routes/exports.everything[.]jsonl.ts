// HTTP: everything that is stored about a shop, as a file. Outside the embedded pages: a browser's download is let in by its ticket, not by a session.

import type { LoaderFunctionArgs } from "@remix-run/node";

import { everythingFile } from "#app/dashboard/export/everything-file.server.ts";
import { serveExport } from "#app/dashboard/export/serve-export.server.ts";
import { dashboardDependencies, exportPorts } from "#app/dashboard/wiring.server.ts";

export function loader({ request }: LoaderFunctionArgs): Promise<Response> {
  return serveExport(request, exportPorts(), {
    kind: "everything",
    open: ({ install }) => {
      const { database, clock } = dashboardDependencies();
      return everythingFile(database, { installId: install.installId, shop: install.shop, now: clock.now() });
    },
  });
}
