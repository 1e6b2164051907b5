// Encrypts what must not lie readable in the database (Shopify's access and refresh tokens) and says clearly why something cannot be read.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** A stored value that cannot be turned back into what was encrypted; the message says what to do and holds no secret. */
export class UnreadableSecretError extends Error {
  override readonly name = "UnreadableSecretError";
  readonly reason: "not_encrypted" | "unknown_key" | "tampered";

  constructor(reason: UnreadableSecretError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface TokenCipher {
  /** Public name of the key that encrypts. */
  readonly presentKeyId: string;
  /** `context` names what the value belongs to (row and column); the same context is needed to read it, so that values cannot be swapped. */
  encrypt(plaintext: string, context: string): string;
  /** Throws UnreadableSecretError. */
  decrypt(stored: string, context: string): string;
}

/** Layout: `hf1.<key id>.<nonce>.<ciphertext>.<tag>`, the last three base64url. A new layout gets a new first part. */
const LAYOUT = "hf1";
const KEY_BYTES = 32;
/** 96 bits, random per value: what NIST SP 800-38D asks of GCM; far below 2^32 values under one key. */
const NONCE_BYTES = 12;
const KEY_ID_LENGTH = 8;

/** The first key encrypts; all are tried by their id when reading, which is how a key is replaced without a pause. */
export function createTokenCipher(keys: readonly [Uint8Array, ...Uint8Array[]]): TokenCipher {
  const byId = new Map(keys.map((key) => [keyId(key), key]));
  const [current] = keys;
  const currentId = keyId(current);
  return {
    presentKeyId: currentId,
    encrypt(plaintext, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", current, nonce).setAAD(additionalData(currentId, context));
      const ciphertext = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
      return [LAYOUT, currentId, ...[nonce, ciphertext, cipher.getAuthTag()].map((part) => part.toString("base64url"))].join(".");
    },
    decrypt(stored, context) {
      const [layout, id, nonce, ciphertext, tag, ...rest] = stored.split(".");
      if (layout !== LAYOUT || id === undefined || nonce === undefined || ciphertext === undefined || tag === undefined || rest.length > 0) {
        throw new UnreadableSecretError("not_encrypted", `the stored value of ${context} was not written by Holdfast's encryption; open the app in the shop's admin to get new tokens`);
      }
      const key = byId.get(id);
      if (key === undefined) {
        const known = [...byId.keys()].join(", ");
        throw new UnreadableSecretError("unknown_key", `the stored value of ${context} was encrypted with key ${id}, but ENCRYPTION_KEY is key ${known}; restore the old key or put it into ENCRYPTION_KEY_PREVIOUS`);
      }
      return open(key, { id, nonce, ciphertext, tag }, context);
    },
  };
}

/** Which key a stored value lies under; null: it was not written by this encryption. */
export function keyIdOf(stored: string): string | null {
  const [layout, id] = stored.split(".");
  return layout === LAYOUT && id !== undefined ? id : null;
}

/** Public name of a key: enough to tell keys apart, useless for guessing one. */
export function keyId(key: Uint8Array): string {
  if (key.length !== KEY_BYTES) throw new RangeError(`an encryption key has ${KEY_BYTES} bytes, this one ${key.length}`);
  return createHash("sha256").update("holdfast key id").update(key).digest("hex").slice(0, KEY_ID_LENGTH);
}

function open(key: Uint8Array, sealed: { id: string; nonce: string; ciphertext: string; tag: string }, context: string): string {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(sealed.nonce, "base64url"), { authTagLength: 16 });
    decipher.setAAD(additionalData(sealed.id, context)).setAuthTag(Buffer.from(sealed.tag, "base64url"));
    return Buffer.concat([decipher.update(Buffer.from(sealed.ciphertext, "base64url")), decipher.final()]).toString("utf8");
  } catch {
    throw new UnreadableSecretError("tampered", `the stored value of ${context} was changed after it was written, or belongs to another row; open the app in the shop's admin to get new tokens`);
  }
}

function additionalData(id: string, context: string): Buffer {
  return Buffer.from(`${LAYOUT}.${id}.${context}`, "utf8");
}
