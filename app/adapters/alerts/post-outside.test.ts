import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { judgeAnswer } from "./judge-answer.ts";
import { createOutsidePoster, type OutsidePoster } from "./post-outside.server.ts";

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

function posterFor(allowPrivate: boolean): OutsidePoster {
  const poster = createOutsidePoster({ allowPrivate });
  open.push(() => poster.close());
  return poster;
}

async function serve(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const wanted = (url: string, signal = new AbortController().signal) => ({ url, headers: {}, body: "{}", signal });

describe("a merchant's address", () => {
  it.each([
    "http://example.com/x", "https://user:word@example.com/x", "https://127.0.0.1/x", "https://[::1]/x", "https://10.0.0.8/x", "https://169.254.169.254/latest", "https://0x7f000001/x",
    "https://2130706433/", "https://[::ffff:10.0.0.1]/", "https://localhost/x", "ftp://example.com", "no address",
  ])("%s is not called", async (url) => {
    expect((await posterFor(false).post(wanted(url))).kind).toBe("forbidden");
  });

  it("that redirects is not followed", async () => {
    let second = 0;
    const origin = await serve((request, response) => {
      if (request.url === "/second") second += 1;
      response.writeHead(307, { location: "/second" }).end();
    });
    const outcome = await posterFor(true).post(wanted(`${origin}/first`));
    expect(judgeAnswer(outcome, new Set())).toMatchObject({ kind: "refused", error: expect.stringContaining("redirects are not followed") });
    expect(second).toBe(0);
  });

  it("that answers without end is heard by its status only", async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (!response.destroyed && response.write("x".repeat(8_192)));
        if (!response.destroyed) response.once("drain", pour);
      };
      pour();
    });
    const outcome = await posterFor(true).post(wanted(origin));
    expect(outcome.kind === "answered" && outcome.text.length).toBe(16 * 1024);
  });

  it("that does not answer may have taken the message; one that takes no connection has not", async () => {
    const giveUp = new AbortController();
    const origin = await serve(() => giveUp.abort());
    expect(await posterFor(true).post(wanted(origin, giveUp.signal))).toEqual({ kind: "unanswered", sent: true, error: "no answer in time" });
    expect(await posterFor(true).post(wanted("http://127.0.0.1:1/"))).toMatchObject({ kind: "unanswered", sent: false });
  });

  it("may ask for time, in seconds or by a date", async () => {
    const origin = await serve((_request, response) => response.writeHead(429, { "retry-after": "7" }).end());
    expect(judgeAnswer(await posterFor(true).post(wanted(origin)), new Set())).toEqual({ kind: "again", error: "it answered 429", maybeTaken: false, retryAfterMs: 7_000 });
  });
});
