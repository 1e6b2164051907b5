// Encrypts everything anew that lies under an older key, so that the key can be thrown away: value by value, while the app runs.

import { keyIdOf, type TokenCipher, UnreadableSecretError } from "#app/adapters/crypto/token-cipher.ts";
import type { Database, SqlExecutor } from "#app/ports/database.ts";
import type { WithTokenLock } from "#app/ports/token-lock.ts";

import { secretContext } from "./external-pushes.server.ts";
import { alertSecretContext } from "./alert-secrets.server.ts";

export interface ResealDependencies {
  readonly database: Database;
  /** Its first key is the one that stays. */
  readonly cipher: TokenCipher;
  /**
   * A refresh writes its pair only over the sealed value that it read. Without the lock a value that is sealed anew meanwhile would look
   * to it like another's newer pair: the pair just given out would be thrown away, and Shopify has forgotten the old one.
   */
  readonly withTokenLock: WithTokenLock;
  /** Binds a session's sealed token to its row and column. */
  readonly sessionContext: (id: string, field: "accessToken" | "refreshToken") => string;
}

export interface ResealReport {
  /** Under the present key already. */
  readonly presentCount: number;
  readonly resealedCount: number;
  /** Changed by somebody else meanwhile, or its lock was not to be had: the next run looks again. */
  readonly leftCount: number;
  /** Under a key that is not there, or spoilt: which values, and why. */
  readonly unreadable: readonly { readonly context: string; readonly reason: string }[];
  /** How many values lay under each key, by the key's public name. */
  readonly byKey: Readonly<Record<string, number>>;
}

interface SealedValue {
  readonly context: string;
  readonly sealed: string;
  /** Tokens of sessions: whose lock is needed. */
  readonly shop: string | null;
  /** Puts the new value in the place of exactly the old one. */
  replace(executor: SqlExecutor, sealed: string): Promise<number>;
}

const PAGE = 500;

export async function resealSecrets(dependencies: ResealDependencies, { dryRun }: { readonly dryRun: boolean }): Promise<ResealReport> {
  const { cipher } = dependencies;
  const counts = { presentCount: 0, resealedCount: 0, leftCount: 0 };
  const unreadable: { context: string; reason: string }[] = [];
  const byKey: Record<string, number> = {};
  for await (const value of sealedValues(dependencies)) {
    const key = keyIdOf(value.sealed) ?? "none";
    byKey[key] = (byKey[key] ?? 0) + 1;
    if (key === cipher.presentKeyId) {
      counts.presentCount += 1;
      continue;
    }
    const plaintext = read(cipher, value);
    if (plaintext instanceof UnreadableSecretError) unreadable.push({ context: value.context, reason: plaintext.reason });
    else if (dryRun || (await reseal(dependencies, value, plaintext))) counts.resealedCount += 1;
    else counts.leftCount += 1;
  }
  return { ...counts, unreadable, byKey };
}

function read(cipher: TokenCipher, { sealed, context }: SealedValue): string | UnreadableSecretError {
  try {
    return cipher.decrypt(sealed, context);
  } catch (error) {
    if (error instanceof UnreadableSecretError) return error;
    throw error;
  }
}

async function reseal({ database, cipher, withTokenLock }: ResealDependencies, { context, shop, replace }: SealedValue, plaintext: string): Promise<boolean> {
  const write = () => replace(database, cipher.encrypt(plaintext, context));
  if (shop === null) return (await write()) === 1;
  const locked = await withTokenLock(shop, write);
  return locked.kind === "completed" && locked.value === 1;
}

/** Every column that holds sealed values. A page at a time, by key, so that rows that come meanwhile keep nobody here. */
async function* sealedValues({ database, sessionContext }: ResealDependencies): AsyncGenerator<SealedValue> {
  for (const field of ["accessToken", "refreshToken"] as const) {
    for await (const { id, shop, sealed } of pages(database, `SELECT id, shop, "${field}" AS sealed, id AS place FROM "Session" WHERE "${field}" <> '' AND id > $1`, "")) {
      yield { context: sessionContext(id, field), sealed, shop, replace: (executor, anew) => executor.execute(`UPDATE "Session" SET "${field}" = $3 WHERE id = $1 AND "${field}" = $2`, id, sealed, anew) };
    }
  }
  const secrets = `SELECT install_id AS "installId", name AS id, sealed, lpad(install_id::text, 20, '0') || name AS place FROM alert_secrets WHERE lpad(install_id::text, 20, '0') || name > $1`;
  for await (const { installId, id, sealed } of pages(database, secrets, "")) {
    yield { context: alertSecretContext(installId, id), sealed, shop: null, replace: (executor, anew) => executor.execute(`UPDATE alert_secrets SET sealed = $4 WHERE install_id = $1 AND name = $2 AND sealed = $3`, installId, id, sealed, anew) };
  }
  const systems = `SELECT install_id AS "installId", '' AS id, secret_sealed AS sealed, lpad(install_id::text, 20, '0') AS place FROM external_systems WHERE secret_sealed IS NOT NULL AND lpad(install_id::text, 20, '0') > $1`;
  for await (const { installId, sealed } of pages(database, systems, "")) {
    yield { context: secretContext(installId), sealed, shop: null, replace: (executor, anew) => executor.execute(`UPDATE external_systems SET secret_sealed = $3 WHERE install_id = $1 AND secret_sealed = $2`, installId, sealed, anew) };
  }
}

interface Row {
  readonly id: string;
  readonly installId: bigint;
  readonly shop: string;
  readonly sealed: string;
  readonly place: string;
}

async function* pages(database: Database, sql: string, from: string): AsyncGenerator<Row> {
  for (let after = from; ; ) {
    const rows = await database.query<Row & Record<string, unknown>>(`${sql} ORDER BY place LIMIT ${PAGE}`, after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.place;
  }
}
