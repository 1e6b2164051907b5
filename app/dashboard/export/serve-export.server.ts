// Answers the address of a download: checks the ticket and the install, takes the install's place, and streams the file.

import type { ActiveInstall } from "../dependencies.ts";
import { createExportSlots, type ExportSlots } from "./export-slots.ts";
import { issueTicket, readTicket, type ExportKind } from "./export-ticket.ts";
import { refuseExport } from "./refuse-export.ts";
import { ExportOvertakenError, streamText } from "./text-stream.ts";

export interface ExportPorts {
  /** The app's secrets, the present one first. */
  readonly secrets: readonly [string, ...string[]];
  readonly slots: ExportSlots;
  readonly installStore: { active(shop: string): Promise<ActiveInstall | null> };
  readonly clock: { now(): Date };
  readonly logger: { error(fields: object, message: string): void };
}

/** What is in the file, for one install. */
export interface ExportFile {
  /** Plain letters, digits, dots and hyphens. */
  readonly name: string;
  readonly contentType: string;
  /** Read piece by piece, as the browser takes them: a piece is some hundred rows, not one row and not all. */
  readonly pieces: AsyncIterable<string>;
}

export interface ExportRequest {
  readonly kind: ExportKind;
  /** Called when everything is checked. The query is what the ticket was issued for. */
  readonly open: (asked: { readonly install: ActiveInstall; readonly query: URLSearchParams; readonly actor: string }) => ExportFile | Promise<ExportFile>;
}

/** The address at which the file may be fetched for a minute, by whoever has it. */
export function exportAddress({ secrets, clock }: Pick<ExportPorts, "secrets" | "clock">, path: string, ticket: { readonly kind: ExportKind; readonly install: ActiveInstall; readonly actor: string; readonly query: string }): string {
  const { kind, install, actor, query } = ticket;
  const text = issueTicket({ kind, shop: install.shop, installId: install.installId, actor, query }, { secrets, now: clock.now() });
  return `${path}?ticket=${text}`;
}

export async function serveExport(request: Request, ports: ExportPorts, { kind, open }: ExportRequest): Promise<Response> {
  const reading = readTicket(new URL(request.url).searchParams.get("ticket") ?? "", kind, { secrets: ports.secrets, now: ports.clock.now() });
  if (reading.kind !== "valid") return refuseExport(reading.kind);
  const { ticket } = reading;
  const install = await ports.installStore.active(ticket.shop);
  // Uninstalled within the minute; or installed anew, which is another install with other rows.
  if (install === null || install.installId !== ticket.installId) return refuseExport("ended");
  const download = { signal: request.signal, install, about: { actor: ticket.actor, export: kind } };
  const response = await streamExport(ports, download, () => open({ install, query: new URLSearchParams(ticket.query), actor: ticket.actor }));
  return response ?? refuseExport("busy");
}

export interface Download {
  /** Aborted when the caller has gone away. */
  readonly signal: AbortSignal;
  readonly install: ActiveInstall;
  /** For the log, should it fail. */
  readonly about: object;
}

/** Null: another export of the install is under way. */
export async function streamExport({ slots, logger }: Pick<ExportPorts, "slots" | "logger">, { signal, install, about }: Download, open: () => ExportFile | Promise<ExportFile>): Promise<Response | null> {
  const slot = slots.take(install.installId);
  if (slot === null) return null;
  const onEnd = (cause: unknown) => {
    slot.release();
    if (cause !== null && !(cause instanceof ExportOvertakenError)) logger.error({ err: cause, shop: install.shop, ...about }, "an export broke off");
  };
  try {
    const { name, contentType, pieces } = await open();
    return new Response(streamText(pieces, { signal, keep: slot.keep, onEnd }), {
      headers: {
        "Content-Type": contentType,
        "Content-Disposition": `attachment; filename="${name}"`,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        // The address holds the ticket.
        "Referrer-Policy": "no-referrer",
        // Proxies that gather an answer before they pass it on would hold the whole file.
        "X-Accel-Buffering": "no",
      },
    });
  } catch (error) {
    slot.release();
    throw error;
  }
}

let processSlots: ExportSlots | null = null;

/** This process's places, by a clock that is never set back. */
export function slotsOfProcess(): ExportSlots {
  processSlots ??= createExportSlots(() => performance.now());
  return processSlots;
}
