// Takes out of a log line what opens something, in whatever shape it got there: the net beneath not logging it. Pure.

const REDACTED = "[redacted]";

/** Fields that hold a secret, at any depth of an object, and as JSON within a text (an answer of Shopify's in an error's message). */
const FIELDS = "access_?token|refresh_?token|id_?token|session_?token|authorization|cookie|set-cookie|api_?secret|client_?secret|secret|password|encryption_?keys?|x-shopify-access-token|token";
/** Parameters of addresses that are one: session tokens, tickets for downloads, codes of a sign-in. */
const PARAMETERS = "id_token|access_token|refresh_token|client_secret|ticket|token|hmac|code|signature|secret|password";

const SHAPES: readonly (readonly [shape: RegExp, instead: string])[] = [
  [new RegExp(String.raw`(\\?"(?:${FIELDS})\\?"\s*:\s*)(\\?")(?:[^"\\]|\\[^"])+?\2`, "gi"), `$1$2${REDACTED}$2`],
  [new RegExp(String.raw`([?&](?:${PARAMETERS})=)[^&\s"'\\]+`, "gi"), `$1${REDACTED}`],
  // Ours, of the API and of external systems; Shopify's, by their prefixes; session tokens.
  [/\bhfx?_[A-Za-z0-9_-]{16,}/g, REDACTED],
  [/\bshp[a-z]{2,4}_[A-Za-z0-9_-]{4,}/g, REDACTED],
  [/\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/g, REDACTED],
  [/\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]+/gi, `$1 ${REDACTED}`],
  // The password of a server's address.
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"\\]*):[^\s/@"\\]+@/gi, `$1:${REDACTED}@`],
  // Whoever knows it may post there.
  [/(\bhooks\.slack\.com\/)[^\s"'\\]+/gi, `$1${REDACTED}`],
];

/** In every line with a secret, in lower case, and in hardly any without: a webhook's line costs a look for words and none for shapes. */
const TRACES = ["secret", "token", "passw", "authori", "cookie", "encrypt", "=", "hf", "shp", "eyj", "bearer", "basic", "://", "hooks."];

export function redactSecrets(line: string): string {
  const lower = line.toLowerCase();
  if (!TRACES.some((trace) => lower.includes(trace))) return line;
  let redacted = line;
  for (const [shape, instead] of SHAPES) redacted = redacted.replace(shape, instead);
  return redacted;
}
