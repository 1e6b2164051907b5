// What an attacker writes where a value is expected: texts, numbers, JSON of every bad shape. All of it follows from the seed.
import type { SeededRandom } from "#tests/setup/seeded-random.ts";

const TEXTS: readonly string[] = [
  "", " ", "\u0000", "a\u0000b", "\uFEFF", "\u2028", "\uD800", "\uDFFF\uD800", "a".repeat(300), "x".repeat(5_000), "%00", "%", "%zz", "%C0%AF", "%ED%A0%80", "..%2f..%2f..%2fetc%2fpasswd", "../../../../etc/passwd",
  "' OR 1=1 --", "'; DROP TABLE installs; --", "$1", "\\", "%_%_%_%_%", "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "{{7*7}}", "${7*7}",
  "=cmd|' /C calc'!A0", "+1", "@SUM(1)", "\r\nSet-Cookie: a=b", "\nX-Injected: 1", "\u001B[2J", "\u202Egnp.exe", "true", "null", "undefined", "NaN", "-1", "0", "1e309", "9007199254740993", "99999999999999999999",
  "2147483648", "-9223372036854775809", "gid://shopify/Order/1", "gid://shopify/Order/99999999999999999999999", "gid:///", "00000000-0000-0000-0000-000000000000", "2026-13-45T99:99:99Z", "-000001-01-01T00:00:00Z", "+275761-01-01T00:00:00Z",
  "__proto__", "constructor", "toString", "hasOwnProperty", "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "//evil.example", "/\\evil.example", "💥".repeat(50), "ﷺ".repeat(40),
];

const NUMBERS: readonly string[] = ["0", "-0", "-1", "1e308", "1e309", "-1e309", "1E400", "0.1", "1.5", "9007199254740993", "123456789012345678901234567890", "2147483648", "-2147483649", "1".repeat(400), "1e-400"];

export function hostileText(random: SeededRandom): string {
  if (random.chance(0.8)) return random.pick(TEXTS);
  return Array.from({ length: random.between(1, 40) }, () => String.fromCharCode(random.between(0, random.chance(0.5) ? 0xff : 0xffff))).join("");
}

/** JSON of one value, as text: numbers as no `JSON.stringify` would write them. */
export function hostileJson(random: SeededRandom, depth = 0): string {
  const kind = random.between(0, depth > 3 ? 4 : 7);
  if (kind === 0) return random.pick(["null", "true", "false", "[]", "{}"]);
  if (kind <= 2) return random.pick(NUMBERS);
  if (kind <= 4) return JSON.stringify(hostileText(random).slice(0, 400));
  if (kind === 5) return `[${Array.from({ length: random.between(0, 4) }, () => hostileJson(random, depth + 1)).join(",")}]`;
  const keys = ["__proto__", "constructor", "id", "lines", "quantity", "__proto__", hostileText(random).slice(0, 30)];
  return `{${Array.from({ length: random.between(0, 4) }, () => `${JSON.stringify(random.pick(keys))}:${hostileJson(random, depth + 1)}`).join(",")}}`;
}

/** A document of this shape with one or more of its values replaced by something bad. */
export function spoiled(random: SeededRandom, document: unknown): string {
  const text = spoil(random, document, 0.12);
  return random.chance(0.15) ? truncated(random, text) : text;
}

function spoil(random: SeededRandom, value: unknown, chance: number): string {
  if (random.chance(chance)) return hostileJson(random);
  if (Array.isArray(value)) {
    const entries = value.map((entry: unknown) => spoil(random, entry, chance));
    // Doubled, emptied, multiplied.
    if (random.chance(0.05)) return `[${Array.from({ length: random.between(0, 30) }, () => entries[0] ?? "null").join(",")}]`;
    return `[${entries.join(",")}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).flatMap(([name, member]) => (random.chance(chance / 2) ? [] : [`${JSON.stringify(name)}:${spoil(random, member, chance)}`]));
  if (random.chance(0.05) && members[0] !== undefined) members.push(members[0]);
  if (random.chance(0.05)) members.push(`"__proto__":${hostileJson(random)}`);
  return `{${members.join(",")}}`;
}

function truncated(random: SeededRandom, text: string): string {
  return text.slice(0, random.between(0, text.length));
}

/** A body that is no document at all. */
export function hostileBody(random: SeededRandom): Buffer {
  const kind = random.between(0, 9);
  if (kind === 0) return Buffer.from("[".repeat(random.between(1, 60_000)));
  if (kind === 1) return Buffer.from(`${'{"a":'.repeat(random.between(1, 9_000))}1`);
  if (kind === 2) return Buffer.from([0xff, 0xfe, 0x00, 0x7b, 0xc3, 0x28, 0xed, 0xa0, 0x80]);
  if (kind === 3) return Buffer.from(hostileText(random), "utf16le");
  if (kind === 4) return Buffer.alloc(random.between(1, 2_000));
  if (kind === 5) return Buffer.from("\uFEFF{}", "utf8");
  if (kind === 6) return Buffer.from(`--x\r\nContent-Disposition: form-data; name="shop"; filename="a"\r\n\r\n${hostileText(random)}\r\n--x--\r\n`);
  if (kind === 7) return Buffer.from(new URLSearchParams({ shop: hostileText(random), [hostileText(random).slice(0, 60)]: "1" }).toString());
  return Buffer.from(hostileJson(random));
}
