import { afterEach, describe, expect, it } from "vitest";

import type { AlertDelivery } from "#app/ports/alert-channel.ts";
import { startMailSink } from "#simulator/receivers/mail-sink.ts";
import { createEmailSender, htmlBody, judgeMailError, plainBody } from "./email.server.ts";

const open: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

const TEXT: AlertDelivery["text"] = {
  title: "Oversold: <b>Mug</b> & co",
  sentences: ["More units were promised than there are."],
  fields: [{ label: "Product", value: "<b>Mug</b> & co" }],
  more: ["Red mug"],
  link: { label: "Open in Holdfast", url: "https://a.myshopify.com/admin/apps/x/app?a=1&b=2" },
  footer: "Holdfast, a.myshopify.com",
};
const DELIVERY: AlertDelivery = { installId: 1n, shop: "a.myshopify.com", target: "owner@example.com", messageKey: "k-2", follows: "k-1", text: TEXT, content: null, signingSecret: null, signal: new AbortController().signal };

describe("an alert by e-mail", () => {
  it("arrives under its fixed Message-ID, in reply to the first message of its incident", async () => {
    const sink = await startMailSink();
    open.push(() => sink.close());
    const sender = createEmailSender({ url: sink.url, from: "holdfast@example.org" });
    open.push(() => sender.close());
    expect(await sender.send(DELIVERY)).toEqual({ kind: "taken" });
    const [mail] = sink.mails();
    expect(JSON.stringify(mail)).toContain("k-2@example.org");
    expect(JSON.stringify(mail)).toContain("k-1@example.org");
    expect(JSON.stringify(mail)).toContain("owner@example.com");
  });

  it("says the same in plain text and, escaped, in html", () => {
    expect(plainBody(TEXT)).toContain("Product: <b>Mug</b> & co");
    expect(htmlBody(TEXT)).toContain("&lt;b&gt;Mug&lt;/b&gt; &amp; co");
    expect(htmlBody(TEXT)).not.toContain("<b>");
  });

  it("is certain not to have arrived when no connection stood", async () => {
    const sender = createEmailSender({ url: "smtp://127.0.0.1:1", from: "holdfast@example.org" });
    open.push(() => sender.close());
    expect(await sender.send(DELIVERY)).toMatchObject({ kind: "again", maybeTaken: false });
  });

  it("is refused for good by a 5xx of the server's, and open when the connection broke after the text", () => {
    const failure = (parts: object) => judgeMailError(Object.assign(new Error("x"), parts));
    expect(failure({ code: "EENVELOPE", responseCode: 550, command: "RCPT TO" })).toMatchObject({ kind: "refused" });
    expect(failure({ code: "EAUTH", responseCode: 535, command: "AUTH PLAIN" })).toMatchObject({ kind: "again", maybeTaken: false });
    expect(failure({ code: "EMESSAGE", responseCode: 451, command: "DATA" })).toMatchObject({ kind: "again", maybeTaken: false });
    expect(failure({ code: "ESOCKET", command: "DATA" })).toMatchObject({ kind: "again", maybeTaken: true });
    expect(failure({ code: "ETIMEDOUT" })).toMatchObject({ kind: "again", maybeTaken: true });
  });
});
