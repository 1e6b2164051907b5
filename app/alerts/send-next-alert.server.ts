// Second step of an alert: the next message of a lane is claimed, sent outside any transaction, and what came back is written down.

import { isSecretTarget, maskedFingerprint } from "#app/domain/alert-target.ts";
import { assertNever } from "#app/domain/invariant.ts";
import type { AlertChannels, AlertDelivery } from "#app/ports/alert-channel.ts";
import type { AlertAttemptResult, AlertRecorded, ClaimedAlert } from "#app/ports/alert-outbox.ts";
import type { AlertPorts } from "./alert-ports.ts";
import { composeAlert } from "./compose-alert.ts";

/** Null when no message is due. */
export async function sendNextAlert(ports: AlertPorts, signal: AbortSignal): Promise<AlertRecorded | null> {
  // From before the claim: the lease is never longer than this clock says.
  const claimedAtMs = ports.clock.monotonicMs();
  const claimed = await ports.outbox.claim(ports.limits.leaseMs);
  if (claimed === null) return null;
  const result = await attempt(ports, claimed, claimedAtMs, signal);
  const recorded = await ports.outbox.record(claimed, result);
  report(ports, claimed, result, recorded);
  return recorded;
}

async function attempt(ports: AlertPorts, claimed: ClaimedAlert, claimedAtMs: number, signal: AbortSignal): Promise<AlertAttemptResult> {
  const prepared = await prepare(ports, claimed);
  if (prepared.kind !== "ready") return prepared;
  // Held up between claim and now (a pause, a slow database): the lane may be another's, and two would send.
  if (signal.aborted || ports.clock.monotonicMs() - claimedAtMs > ports.limits.sendWithinMs) return { kind: "again", error: "it was not sent in time", maybeTaken: false, retryAfterMs: 0 };
  const tooLong = new AbortController();
  const timer = ports.clock.setTimer(ports.limits.sendTimeoutMs, () => tooLong.abort());
  try {
    return await sendOver(ports.channels, claimed.channel.kind, { ...prepared.delivery, signal: AbortSignal.any([signal, tooLong.signal]) });
  } finally {
    timer.cancel();
  }
}

type Prepared = { readonly kind: "ready"; readonly delivery: Omit<AlertDelivery, "signal"> } | Exclude<AlertAttemptResult, { kind: "taken" }>;

async function prepare({ secrets, apiKey, logger }: AlertPorts, claimed: ClaimedAlert): Promise<Prepared> {
  const { installId, shop, messageKey, follows, channel, content } = claimed;
  try {
    const target = await clearTarget(secrets, installId, channel);
    if (target === null) return { kind: "refused", error: "its address is not stored any more: enter it again in the settings" };
    const signingSecret = channel.kind === "webhook" ? await secrets.signingSecret(installId) : null;
    return { kind: "ready", delivery: { installId, shop, target, messageKey, follows, content, signingSecret, text: composeAlert({ ...claimed, apiKey }) } };
  } catch (cause) {
    // For example a key of encryption that is missing: nothing was sent, and the next try may find it.
    logger.error({ shop, messageId: String(claimed.messageId), cause }, "an alert could not be prepared; it is tried again");
    return { kind: "again", error: "it could not be prepared; see the log", maybeTaken: false, retryAfterMs: null };
  }
}

/** The address to send to. Null: it was masked, and what it stands for is gone. */
export async function clearTarget(secrets: AlertPorts["secrets"], installId: bigint, { kind, target }: { kind: keyof AlertChannels; target: string }): Promise<string | null> {
  const fingerprint = kind !== "flow" && isSecretTarget({ kind }) ? maskedFingerprint(target) : null;
  return fingerprint === null ? target : secrets.address(installId, fingerprint);
}

export function sendOver(channels: AlertChannels, kind: keyof AlertChannels, delivery: AlertDelivery): Promise<AlertAttemptResult> {
  switch (kind) {
    case "slack":
      return channels.slack(delivery);
    case "webhook":
      return channels.webhook(delivery);
    case "email":
      return channels.email(delivery);
    case "flow":
      return channels.flow(delivery);
    default:
      return assertNever(kind);
  }
}

function report({ metrics, logger }: AlertPorts, claimed: ClaimedAlert, result: AlertAttemptResult, recorded: AlertRecorded): void {
  if (recorded === "sent") metrics.alertMessage("sent");
  if (recorded === "waiting") metrics.alertMessage("retried");
  if (recorded === "failed") metrics.alertMessage("given_up");
  const fields = { shop: claimed.shop, messageId: String(claimed.messageId), kind: claimed.content.kind, channel: claimed.channel.channel, attempt: claimed.attempt, recorded };
  if (result.kind === "taken") logger.info(fields, "an alert was delivered");
  else logger.warn({ ...fields, error: result.error }, "an alert was not delivered");
}
