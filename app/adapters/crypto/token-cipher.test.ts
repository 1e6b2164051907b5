// Holds that stored tokens are unreadable without the key, cannot be changed or swapped, and that each failure says what to do.
import { describe, expect, it } from "vitest";

import { createTokenCipher, keyId, UnreadableSecretError } from "./token-cipher.ts";

const KEY = new Uint8Array(32).fill(1);
const OTHER_KEY = new Uint8Array(32).fill(2);
const CONTEXT = "offline_shop.myshopify.com accessToken";

function reasonOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof UnreadableSecretError) return error.reason;
    throw error;
  }
  return "read";
}

function decoded(stored: string): string[] {
  return stored.split(".").map((part, index) => (index < 2 ? part : Buffer.from(part, "base64url").toString("hex")));
}

describe("the token cipher", () => {
  it("gives back what it was given, never the same stored value twice, and none that shows the token", () => {
    const cipher = createTokenCipher([KEY]);
    const stored = [cipher.encrypt("shpat_Ünlikely", CONTEXT), cipher.encrypt("shpat_Ünlikely", CONTEXT)];
    expect(new Set(stored).size).toBe(2);
    for (const value of stored) {
      expect(value).not.toContain("shpat");
      expect(cipher.decrypt(value, CONTEXT)).toBe("shpat_Ünlikely");
    }
  });

  it("notices a change of any single character", () => {
    const cipher = createTokenCipher([KEY]);
    const stored = cipher.encrypt("token", CONTEXT);
    for (let at = 0; at < stored.length; at++) {
      const changed = stored.slice(0, at) + (stored.charAt(at) === "A" ? "f" : "A") + stored.slice(at + 1);
      // The last letter of a base64url part has bits that mean nothing; a change of only those is no change.
      if (JSON.stringify(decoded(changed)) === JSON.stringify(decoded(stored))) continue;
      expect(reasonOf(() => cipher.decrypt(changed, CONTEXT)), `character ${at} of ${stored.length}`).not.toBe("read");
    }
  });

  it("does not read a value that was moved to another row or column", () => {
    const cipher = createTokenCipher([KEY]);
    const stored = cipher.encrypt("token", CONTEXT);
    expect(reasonOf(() => cipher.decrypt(stored, "offline_other.myshopify.com accessToken"))).toBe("tampered");
  });

  it("names both keys when the wrong one is configured", () => {
    const stored = createTokenCipher([KEY]).encrypt("token", CONTEXT);
    const reading = () => createTokenCipher([OTHER_KEY]).decrypt(stored, CONTEXT);
    expect(reasonOf(reading)).toBe("unknown_key");
    expect(reading).toThrow(new RegExp(`${keyId(KEY)}.*ENCRYPTION_KEY is key ${keyId(OTHER_KEY)}.*ENCRYPTION_KEY_PREVIOUS`));
  });

  it("reads what the previous key wrote and writes with the present one", () => {
    const stored = createTokenCipher([KEY]).encrypt("token", CONTEXT);
    const rotated = createTokenCipher([OTHER_KEY, KEY]);
    expect(rotated.decrypt(stored, CONTEXT)).toBe("token");
    expect(rotated.encrypt("token", CONTEXT)).toContain(`.${keyId(OTHER_KEY)}.`);
  });

  it.each(["shpat_plain", "", "hf1.a.b", "hf1.a.b.c.d.e"])("says that %j was never encrypted", (stored) => {
    expect(reasonOf(() => createTokenCipher([KEY]).decrypt(stored, CONTEXT))).toBe("not_encrypted");
  });
});
