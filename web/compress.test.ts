import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { chooseEncoding, createCompressor, isWorthCompressing } from "./compress.ts";
import { createAssetSender } from "./send-asset.ts";

describe("the encoding of an answer", () => {
  it.each([
    ["gzip, deflate, br, zstd", "br"],
    ["gzip, deflate", "gzip"],
    ["BR;q=0.5, gzip;q=1.0", "br"],
    ["br;q=0, gzip", "gzip"],
    ["br;q=0.0, gzip;q=0", null],
    ["identity", null],
    ["", null],
    [undefined, null],
  ])("for a browser that says %s is %s", (said, chosen) => {
    expect(chooseEncoding(said)).toBe(chosen);
  });

  it("is for text that is longer than a packet, or of unknown length", () => {
    expect(isWorthCompressing("text/html; charset=utf-8", null)).toBe(true);
    expect(isWorthCompressing("application/json", "5000")).toBe(true);
    expect(isWorthCompressing("application/json", "30")).toBe(false);
    expect(isWorthCompressing("image/png", "5000")).toBe(false);
    expect(isWorthCompressing("text/csv", null)).toBe(false);
    expect(isWorthCompressing(null, null)).toBe(false);
  });

  it.each(["br", "gzip"] as const)("of a document that is sent while it is made lets its beginning through before its end (%s)", async (encoding) => {
    const compressor = createCompressor(encoding);
    const first = new Promise<Buffer>((resolve) => compressor.once("data", resolve));
    compressor.write("<h1>Home</h1>");
    expect((await first).byteLength).toBeGreaterThan(0);
    compressor.destroy();
  });
});

describe("the files of the build", () => {
  const style = ".hf-chart { display: block; }\n".repeat(200);
  let folder: string;
  let server: Server;
  let origin: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "holdfast-assets-"));
    await mkdir(join(folder, "assets"));
    await writeFile(join(folder, "assets", "styles-1a2b.css"), style);
    await writeFile(join(folder, "favicon.svg"), "<svg/>");
    const send = createAssetSender(folder);
    server = createServer((incoming, outgoing) => void send(incoming, outgoing).then((sent) => sent || outgoing.writeHead(404).end()));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await new Promise((closed) => server.close(closed));
    await rm(folder, { recursive: true });
  });

  const ask = async (path: string, encoding?: string) => {
    const { statusCode, headers, body } = await request(`${origin}${path}`, { headers: encoding === undefined ? {} : { "accept-encoding": encoding }, reset: true });
    return { statusCode, headers, content: Buffer.from(await body.arrayBuffer()) };
  };

  it("arrive compressed where the browser takes it, and whole, each time", async () => {
    for (const [encoding, decode] of [["br", brotliDecompressSync], ["gzip", gunzipSync], ["br", brotliDecompressSync]] as const) {
      const { headers, content } = await ask("/assets/styles-1a2b.css", encoding);
      expect(headers).toMatchObject({ "content-encoding": encoding, vary: "Accept-Encoding", "content-length": String(content.byteLength), "cache-control": expect.stringContaining("immutable") });
      expect(content.byteLength).toBeLessThan(style.length / 10);
      expect(decode(content).toString()).toBe(style);
    }
  });

  it("arrive as they are where it does not, or where they are small", async () => {
    const plain = await ask("/assets/styles-1a2b.css");
    expect(plain.content.toString()).toBe(style);
    expect(plain.headers["content-encoding"]).toBeUndefined();
    const small = await ask("/favicon.svg", "br");
    expect(small.content.toString()).toBe("<svg/>");
    expect(small.headers["content-encoding"]).toBeUndefined();
  });

  it("are those of their folder only", async () => {
    expect((await ask("/assets/none.css")).statusCode).toBe(404);
    expect((await ask("/assets/%2e%2e/%2e%2e/package.json")).statusCode).toBe(404);
  });
});
