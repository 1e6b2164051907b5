// Tells which of the app's secrets a session token was signed with, while one replaces the other; whether it is good is the library's to say.

import { createHmac, timingSafeEqual } from "node:crypto";

/** As the library looks for it: a page's data comes with the header, a document with the parameter. */
export function sessionTokenOf(request: Request): string | null {
  const header = request.headers.get("Authorization");
  return header === null ? new URL(request.url).searchParams.get("id_token") : header.replace("Bearer ", "");
}

/** HS256 in constant time; false for what is no token. Its claims, its end and its audience are not looked at. */
export function isSignedUnder(token: string, secret: string): boolean {
  const [head, claims, signature, ...rest] = token.split(".");
  if (head === undefined || claims === undefined || signature === undefined || rest.length > 0) return false;
  const given = Buffer.from(signature, "base64url");
  const right = createHmac("sha256", secret).update(`${head}.${claims}`).digest();
  return given.length === right.length && timingSafeEqual(given, right);
}
