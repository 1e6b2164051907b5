// The masked form of an address that is a secret: what the settings document holds and answers in its place. Pure.

import type { AlertTarget } from "./settings.ts";

const MASKED = /\/hidden\/([0-9a-f]{16})$/;

/** Whoever knows the address may post to it: Slack asks for nothing else. */
export function isSecretTarget({ kind }: Pick<AlertTarget, "kind">): boolean {
  return kind === "slack";
}

/** The origin stays readable; `fingerprint` (16 hex digits) names the stored secret and tells two of them apart. */
export function maskTarget(target: string, fingerprint: string): string {
  return `${new URL(target).origin}/hidden/${fingerprint}`;
}

/** The fingerprint in a masked address; null for one that is not masked. */
export function maskedFingerprint(target: string): string | null {
  return MASKED.exec(target)?.[1] ?? null;
}
