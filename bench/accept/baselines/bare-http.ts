// Baseline: what one Node process can do at all: read the body, check its signature, answer. Nothing is stored.
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import process from "node:process";

const OK = 200;
const UNAUTHORIZED = 401;
const secret = process.env["SHOPIFY_API_SECRET"] ?? "";

createServer((incoming, outgoing) => {
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.on("end", () => {
    const expected = createHmac("sha256", secret).update(Buffer.concat(chunks)).digest();
    const given = Buffer.from(String(incoming.headers["x-shopify-hmac-sha256"] ?? ""), "base64");
    outgoing.writeHead(given.length === expected.length && timingSafeEqual(given, expected) ? OK : UNAUTHORIZED, { "Content-Length": 0 }).end();
  });
}).listen(Number(process.env["PORT"]), "127.0.0.1");
