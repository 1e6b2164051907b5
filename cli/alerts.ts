// The operator's view of alerts: what was sent and what was not, a second try, a test, and the secret that signs webhooks.

import { sendTestAlert } from "#app/alerts/send-test-alert.server.ts";
import { ALERT_RETRY_TERMS, ALERT_TERMS } from "#app/dashboard/alert-terms.ts";
import { decodeCursor, encodeCursor } from "#app/dashboard/queries/keyset-page.ts";
import { plural } from "#app/dashboard/formatting.ts";
import { readRowId } from "#app/dashboard/queries/row-id.ts";
import { ALERT_MESSAGE_STATES, type AlertMessageRow } from "#app/ports/alert-outbox.ts";
import { type Command, installOf } from "./command.ts";
import { readChoice, readPage } from "./selection.ts";

/** Messages that one retry takes. */
const RETRIED_MAX = 250;

export const alertsList: Command = {
  does: "lists alert messages, newest first: waiting, sent, merged, failed, dropped",
  options: "--shop S [--state STATE] [--limit N] [--cursor C]",
  async run(context) {
    const { composed, options } = context;
    const install = await installOf(context);
    const state = readChoice("state", options.state, ALERT_MESSAGE_STATES);
    const { limit } = readPage(options);
    const beforeId = options.cursor === undefined ? null : decodeCursor(options.cursor);
    const rows = await composed.alertDesk.list(install.installId, { ...(state === undefined ? {} : { state }), beforeId, limit: limit + 1 });
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = rows.length > limit && last !== undefined ? encodeCursor(last.id) : null;
    const lines = [...items.map(toLine), ...(nextCursor === null ? [] : [`more: --cursor ${nextCursor}`])];
    return { ok: true, value: { items: items.map((row) => ({ ...row, id: String(row.id) })), nextCursor }, text: lines.join("\n") || "no alert messages" };
  },
};

export const alertsRetry: Command = {
  does: "sends messages that were given up once more",
  options: "--shop S (--id I … | --all) [--dry-run]",
  async run(context) {
    const { composed, options } = context;
    const install = await installOf(context);
    if (options.all === options.ids.length > 0) throw new Error("say which: --id (as often as needed) or --all");
    const ids = options.all
      ? (await composed.alertDesk.list(install.installId, { state: "failed", beforeId: null, limit: RETRIED_MAX })).map(({ id }) => id)
      : options.ids.map((text) => {
          const id = readRowId(text);
          if (id === null) throw new Error(`--id ${text} is no id`);
          return id;
        });
    const outcomes = [...(await composed.alertDesk.retry(install.installId, ids, options.dryRun))].map(([id, outcome]) => ({ id: String(id), outcome }));
    const done = outcomes.filter(({ outcome }) => outcome === "done");
    const refused = outcomes.flatMap(({ id, outcome }) => (outcome === "done" ? [] : [{ id, outcome }]));
    const lines = [
      `${plural(done.length, "message")} ${options.dryRun ? "would be sent" : "will be sent"} once more`,
      ...refused.map(({ id, outcome }) => `not done: ${id} ${ALERT_RETRY_TERMS[outcome]}`),
    ];
    return { ok: refused.length === 0, value: { dryRun: options.dryRun, outcomes }, text: lines.join("\n") };
  },
};

export const alertsTest: Command = {
  does: "sends a test message to every place that the settings name, and says what happened",
  options: "--shop S [--dry-run]",
  async run(context) {
    const { composed, options } = context;
    const install = await installOf(context);
    const { alerts } = await composed.settingsStore.current(install.installId);
    const results: { kind: string; target: string; delivered: boolean; message: string }[] = [];
    for (const target of alerts) {
      const outcome = options.dryRun ? { delivered: true, message: "would be sent" } : await sendTestAlert(composed.alerts, { install, target });
      results.push({ kind: target.kind, target: target.target, ...outcome });
    }
    const lines = results.map(({ kind, target, message }) => `${kind}  ${target}  ${message}`);
    return { ok: results.every(({ delivered }) => delivered), value: { results }, text: lines.join("\n") || "the settings name no alerts" };
  },
};

export const alertsSecret: Command = {
  does: "prints the secret that signs this shop's alert webhooks; --all replaces it first",
  options: "--shop S [--all] [--dry-run]",
  async run(context) {
    const { composed, options } = context;
    const install = await installOf(context);
    const renew = options.all && !options.dryRun;
    const secret = renew ? await composed.alerts.secrets.renewSigningSecret(install.installId, "operator") : await composed.alerts.secrets.signingSecret(install.installId);
    return { ok: true, value: { secret, renewed: renew }, text: secret };
  },
};

function toLine(row: AlertMessageRow): string {
  const end = row.lastError === null || row.state === "sent" ? "" : `: ${row.lastError}`;
  return `${row.id}  ${ALERT_TERMS[row.kind].label} ${row.subject}, ${row.stage}  ${row.channelKind} ${row.target}  ${row.state} after ${plural(row.attemptCount, "try", "tries")}${end}`;
}
