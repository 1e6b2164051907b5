// The key that stored tokens and secrets are encrypted with: replaced while the app runs, docs/reference/operations.md says in which order.

import { createTokenCipher } from "#app/adapters/crypto/token-cipher.ts";
import { resealSecrets } from "#app/adapters/prisma/reseal-secrets.server.ts";
import { sessionContext } from "#app/adapters/shopify/sealed-sessions.server.ts";
import { createTokenLock } from "#app/adapters/shopify/token-lock.server.ts";
import { plural } from "#app/dashboard/formatting.ts";

import type { Command } from "./command.ts";

export const keysRotate: Command = {
  does: "encrypts with ENCRYPTION_KEY what still lies under ENCRYPTION_KEY_PREVIOUS",
  options: "[--dry-run]",
  async run({ composed: { database, config, lock, timings }, options: { dryRun } }) {
    const cipher = createTokenCipher(config.encryptionKeys);
    const report = await resealSecrets({ database, cipher, withTokenLock: createTokenLock(lock, timings.callTimeoutMs), sessionContext }, { dryRun });
    const { presentCount, resealedCount, leftCount, unreadable } = report;
    const lines = [
      `${plural(presentCount, "value")} under key ${cipher.presentKeyId} already`,
      `${plural(resealedCount, "value")} ${dryRun ? "would be" : "were"} encrypted anew`,
      ...(leftCount > 0 ? [`${plural(leftCount, "value")} changed meanwhile or could not be locked: run it again`] : []),
      ...unreadable.map(({ context, reason }) => `cannot be read (${reason}): ${context}`),
    ];
    const done = leftCount === 0 && unreadable.length === 0;
    if (done && !dryRun) lines.push("nothing is left under another key: ENCRYPTION_KEY_PREVIOUS may go");
    return { ok: done, value: { ...report, dryRun, key: cipher.presentKeyId }, text: lines.join("\n") };
  },
};
