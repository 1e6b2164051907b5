// Sends the files of the client build, compressed once a process and kept: they are few, and the same for everybody.

import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, normalize, sep } from "node:path";

import { chooseEncoding, compressFile, type Encoding, isWorthCompressing } from "./compress.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

export type SendAsset = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<boolean>;

/** Answers false when the request names no file of `folder`: the app answers it. Names under /assets carry a hash and never change. */
export function createAssetSender(folder: string): SendAsset {
  const compressed = new Map<string, Promise<Buffer>>();
  const compress = (file: string, modifiedMs: number, encoding: Encoding): Promise<Buffer> => {
    const key = `${encoding} ${modifiedMs} ${file}`;
    const known = compressed.get(key);
    if (known !== undefined) return known;
    const made = readFile(file).then((content) => compressFile(content, encoding));
    compressed.set(key, made);
    made.catch(() => compressed.delete(key));
    return made;
  };

  return async (incoming, outgoing) => {
    if (incoming.method !== "GET" && incoming.method !== "HEAD") return false;
    const path = normalize(decodePath(incoming.url ?? "/"));
    const type = TYPES[extname(path)];
    if (!type) return false;
    const file = join(folder, path);
    if (!file.startsWith(`${folder}${sep}`)) return false;
    const found = await stat(file).catch(() => null);
    if (!found?.isFile()) return false;
    const encoding = isWorthCompressing(type, String(found.size)) ? chooseEncoding(incoming.headers["accept-encoding"]) : null;
    const content = encoding === null ? null : await compress(file, found.mtimeMs, encoding);
    outgoing.writeHead(200, {
      "Content-Type": type,
      "Content-Length": content?.byteLength ?? found.size,
      "Cache-Control": path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "public, max-age=3600",
      Vary: "Accept-Encoding",
      "X-Content-Type-Options": "nosniff",
      ...(encoding === null ? {} : { "Content-Encoding": encoding }),
    });
    if (incoming.method === "HEAD") outgoing.end();
    else if (content === null) createReadStream(file).pipe(outgoing);
    else outgoing.end(content);
    return true;
  };
}

/** A malformed escape names no file of ours; the app answers it. */
function decodePath(url: string): string {
  try {
    return decodeURIComponent(url.split("?")[0] ?? "/");
  } catch {
    return "/";
  }
}
