// Slack addresses and signing keys, encrypted with the process's key; each bound to its install and name, so that rows cannot be swapped.

import { createHash, randomBytes } from "node:crypto";

import type { TokenCipher } from "#app/adapters/crypto/token-cipher.ts";
import { invariant } from "#app/domain/invariant.ts";
import type { AlertSecrets } from "#app/ports/alert-secrets.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";

const SIGNING = "signing";
const SIGNING_BYTES = 32;
const FINGERPRINT_LENGTH = 16;

export function createAlertSecrets(database: Database, cipher: TokenCipher): AlertSecrets {
  const keep = async (installId: bigint, name: string, secret: string, onConflict: string, executor: SqlExecutor = database): Promise<void> => {
    await executor.execute(
      `INSERT INTO alert_secrets (install_id, name, sealed) VALUES ($1, $2, $3) ON CONFLICT (install_id, name) ${onConflict}`,
      installId,
      name,
      cipher.encrypt(secret, alertSecretContext(installId, name)),
    );
  };
  const read = async (installId: bigint, name: string): Promise<string | null> => {
    const [row] = await database.query<{ sealed: string }>(`SELECT sealed FROM alert_secrets WHERE install_id = $1 AND name = $2`, installId, name);
    return row === undefined ? null : cipher.decrypt(row.sealed, alertSecretContext(installId, name));
  };
  const makeSigning = async (installId: bigint): Promise<string> => {
    await keep(installId, SIGNING, newSigning(), "DO NOTHING");
    const secret = await read(installId, SIGNING);
    invariant(secret !== null, "it was stored a moment ago");
    return secret;
  };
  return {
    async keepAddress(installId, address) {
      const fingerprint = createHash("sha256").update(address).digest("hex").slice(0, FINGERPRINT_LENGTH);
      await keep(installId, fingerprint, address, "DO NOTHING");
      return fingerprint;
    },
    async knownAddresses(installId, fingerprints) {
      const rows = await database.query<{ name: string }>(`SELECT name FROM alert_secrets WHERE install_id = $1 AND name = ANY($2)`, installId, fingerprints);
      return new Set(rows.map(({ name }) => name));
    },
    address: read,
    async signingSecret(installId) {
      return (await read(installId, SIGNING)) ?? makeSigning(installId);
    },
    async renewSigningSecret(installId, actor) {
      const secret = newSigning();
      await database.transaction(async (tx) => {
        await keep(installId, SIGNING, secret, "DO UPDATE SET sealed = excluded.sealed, created_at = now()", tx);
        await tx.execute(`INSERT INTO audit_entries (install_id, shop, kind, actor) SELECT id, shop, 'alert_secret_renewed', $2 FROM installs WHERE id = $1`, installId, actor);
      });
      return secret;
    },
  };
}

export function alertSecretContext(installId: bigint, name: string): string {
  return `alert_secrets ${installId} ${name}`;
}

function newSigning(): string {
  return randomBytes(SIGNING_BYTES).toString("hex");
}
