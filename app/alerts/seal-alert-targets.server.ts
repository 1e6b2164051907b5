// Before settings are stored: addresses that are secrets go into the store of secrets, and their masked form into the document, its history and the audit trail.

import { isSecretTarget, maskedFingerprint, maskTarget } from "#app/domain/alert-target.ts";
import type { Fault } from "#app/domain/document-reader.ts";
import type { AlertTarget, Settings } from "#app/domain/settings.ts";
import type { AlertSecrets } from "#app/ports/alert-secrets.ts";

export type SealedSettings = { readonly kind: "sealed"; readonly settings: Settings } | { readonly kind: "faults"; readonly faults: readonly Fault[] };

/** An address that comes back masked is the one that was answered; one that nobody stored is a fault. */
export async function sealAlertTargets(secrets: Pick<AlertSecrets, "keepAddress" | "knownAddresses">, installId: bigint, settings: Settings): Promise<SealedSettings> {
  const masked = settings.alerts.flatMap((alert) => (isSecretTarget(alert) ? (maskedFingerprint(alert.target) ?? []) : []));
  const known = masked.length === 0 ? new Set<string>() : await secrets.knownAddresses(installId, masked);
  const faults: Fault[] = [];
  const alerts: AlertTarget[] = [];
  for (const [index, alert] of settings.alerts.entries()) {
    const fingerprint = isSecretTarget(alert) ? maskedFingerprint(alert.target) : null;
    if (fingerprint !== null && !known.has(fingerprint)) {
      faults.push({ path: `alerts[${index}].target`, code: "invalid_target", message: "This address is hidden, and it is not stored in this shop. Enter the whole address." });
    }
    alerts.push(isSecretTarget(alert) && fingerprint === null ? { ...alert, target: maskTarget(alert.target, await secrets.keepAddress(installId, alert.target)) } : alert);
  }
  return faults.length > 0 ? { kind: "faults", faults } : { kind: "sealed", settings: { ...settings, alerts } };
}
