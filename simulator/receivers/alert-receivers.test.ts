import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { startAlertReceiver } from "./alert-receiver.ts";
import { startMailSink } from "./mail-sink.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const post = (origin: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${origin}/services/T0/B0`, { method: "POST", headers, body: JSON.stringify(body) }).catch(() => null);

describe("the alert receiver", () => {
  it("takes a signed alert's key once", async () => {
    const receiver = await startAlertReceiver({ mischief: { next: ["refuse_after"] } });
    open.push(receiver);
    expect((await post(receiver.origin, { title: "x" }, { "idempotency-key": "i-1" }))?.status).toBe(503);
    expect((await post(receiver.origin, { title: "x" }, { "idempotency-key": "i-1" }))?.status).toBe(200);
    expect(receiver.messages().map(({ key, body }) => [key, body])).toEqual([["i-1", { title: "x" }]]);
    expect(receiver.repeats()).toBe(1);
  });

  it("refuses what is not signed when it has a secret", async () => {
    const receiver = await startAlertReceiver({ secret: "s" });
    open.push(receiver);
    expect((await post(receiver.origin, { title: "x" }))?.status).toBe(401);
    expect([receiver.messages().length, receiver.badSignatures()]).toEqual([0, 1]);
  });

  it("as Slack answers ok, wants a text, and shows every message that comes, a repeated one too", async () => {
    const receiver = await startAlertReceiver({ kind: "slack", mischief: { next: ["cut_after"] } });
    open.push(receiver);
    expect(await post(receiver.origin, { text: "short of stock" })).toBeNull();
    expect(await (await post(receiver.origin, { text: "short of stock" }))?.text()).toBe("ok");
    expect(await (await post(receiver.origin, {}))?.text()).toBe("no_text");
    expect(receiver.messages()).toHaveLength(2);
  });
});

/** Speaks SMTP line by line and returns the last code. */
async function sendMail(port: number, subject: string, login?: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const commands = ["EHLO test", ...(login ? [`AUTH PLAIN ${login}`] : []), "MAIL FROM:<shop@example.com>", "RCPT TO:<owner@example.com>", "DATA", `Message-ID: <1@example.com>\r\nSubject: ${subject}\r\n folded\r\n\r\nTwo short.\r\n.`];
  socket.setEncoding("utf8");
  let text = "";
  let last = "";
  for await (const chunk of socket as AsyncIterable<string>) {
    text += chunk;
    if (!/^\d{3} .*\r\n$/m.test(text)) continue;
    last = text.trim().split("\r\n").at(-1)?.slice(0, 3) ?? "";
    text = "";
    const next = Number(last) < 400 ? commands.shift() : undefined;
    if (next === undefined) break;
    socket.write(`${next}\r\n`);
  }
  socket.destroy();
  if (!socket.closed) await once(socket, "close");
  return last;
}

describe("the mail sink", () => {
  it("keeps what it is sent with its headers", async () => {
    const sink = await startMailSink();
    open.push(sink);
    expect(await sendMail(sink.port, "Mug is")).toBe("250");
    expect(sink.mails()).toMatchObject([{ place: 1, from: "shop@example.com", to: ["owner@example.com"], subject: "Mug is folded", messageId: "<1@example.com>", rawBody: "Two short.\r\n" }]);
  });

  it.each([
    ["refuse_before", "451", 0],
    ["refuse_after", "451", 1],
    ["busy", "450", 0],
    ["reject", "550", 0],
    ["cut_after", "421", 1],
  ] as const)("%s answers %s and keeps %i", async (mishap, code, kept) => {
    const sink = await startMailSink({ mischief: { next: [mishap] } });
    open.push(sink);
    expect(await sendMail(sink.port, "x")).toBe(code);
    expect(sink.mails()).toHaveLength(kept);
  });

  it("lets in only who logs in, when told so", async () => {
    const sink = await startMailSink({ login: { user: "u", password: "p" } });
    open.push(sink);
    expect(await sendMail(sink.port, "x")).toBe("530");
    expect(await sendMail(sink.port, "x", Buffer.from("\0u\0wrong").toString("base64"))).toBe("535");
    expect(await sendMail(sink.port, "x", Buffer.from("\0u\0p").toString("base64"))).toBe("250");
  });
});
