// E-mail over the operator's mail server (SMTP_URL): plain and html, under a Message-ID that is the same at every sending.

import { createTransport } from "nodemailer";

import type { AlertSender, AlertSendResult, AlertText } from "#app/ports/alert-channel.ts";

export interface MailOptions {
  /** smtp:// or smtps://, with user and password in it where the server wants them. */
  readonly url: string;
  readonly from: string;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Less than a sending may take in all: the server's answer is heard, or the connection is closed. */
const SOCKET_TIMEOUT_MS = 10_000;
const SUBJECT_LENGTH_MAX = 200;

/** Null options: no mail server is configured. */
export function createEmailSender(options: MailOptions | null): AlertSender & { close(): void } {
  if (options === null) {
    const unset: AlertSendResult = { kind: "again", error: "no mail server is set up (SMTP_URL)", maybeTaken: false, retryAfterMs: null };
    return { send: () => Promise.resolve(unset), close: () => undefined };
  }
  const { url, from } = options;
  const transport = createTransport({
    url,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    // Nothing of a message is ever a file's name or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.replaceAll(/^.*@|>.*$/g, "");
  return {
    async send(delivery) {
      const { target, text, messageKey, follows, signal } = delivery;
      if (signal.aborted) return { kind: "again", error: "it was not sent in time", maybeTaken: false, retryAfterMs: null };
      const references = follows === null ? {} : { inReplyTo: messageId(follows, domain), references: messageId(follows, domain) };
      try {
        await transport.sendMail({ from, to: { name: "", address: target }, subject: subjectOf(text), text: plainBody(text), html: htmlBody(text), messageId: messageId(messageKey, domain), ...references, headers: { "Auto-Submitted": "auto-generated" } });
        return { kind: "taken" };
      } catch (error) {
        return judgeMailError(error);
      }
    },
    close: () => transport.close(),
  };
}

function messageId(key: string, domain: string): string {
  return `<${key}@${domain}>`;
}

/** A command that comes before the text: without it the server has no message to deliver. */
const BEFORE_TEXT = /^(CONN|EHLO|HELO|STARTTLS|AUTH|MAIL FROM|RCPT TO|API)/;
const NOT_SENT_CODES: ReadonlySet<string> = new Set(["ECONNECTION", "EDNS", "EAUTH", "ETLS", "EENVELOPE", "ENOAUTH", "EOAUTH2", "EREQUIRETLS"]);
const FINAL_CODE_MIN = 500;

export function judgeMailError(error: unknown): AlertSendResult {
  const { code, command, responseCode } = partsOf(error);
  const said = responseCode === null ? (code ?? "the mail server could not be reached") : `the mail server answered ${responseCode}`;
  // A password can be set right; an address or a message that is refused for good cannot.
  if (responseCode !== null && responseCode >= FINAL_CODE_MIN && code !== "EAUTH") return { kind: "refused", error: said };
  const notSent = responseCode !== null || (command !== null && BEFORE_TEXT.test(command)) || (code !== null && NOT_SENT_CODES.has(code));
  return { kind: "again", error: said, maybeTaken: !notSent, retryAfterMs: null };
}

function partsOf(error: unknown): { code: string | null; command: string | null; responseCode: number | null } {
  if (!(error instanceof Error)) return { code: null, command: null, responseCode: null };
  return {
    code: "code" in error && typeof error.code === "string" ? error.code : null,
    command: "command" in error && typeof error.command === "string" ? error.command : null,
    responseCode: "responseCode" in error && typeof error.responseCode === "number" ? error.responseCode : null,
  };
}

function subjectOf({ title }: AlertText): string {
  return title.replaceAll(/\p{Cc}/gu, " ").slice(0, SUBJECT_LENGTH_MAX);
}

export function plainBody({ title, sentences, fields, more, link, footer }: AlertText): string {
  const also = more.length === 0 ? [] : ["", "Also, since the last message:", ...more.map((line) => `- ${line}`)];
  return [title, "", ...sentences, "", ...fields.map(({ label, value }) => `${label}: ${value}`), ...also, "", `${link.label}: ${link.url}`, "", "-- ", footer, ""].join("\n");
}

export function htmlBody({ title, sentences, fields, more, link, footer }: AlertText): string {
  const rows = fields.map(({ label, value }) => `<tr><td style="padding-right:1em;color:#616161">${escaped(label)}</td><td>${escaped(value)}</td></tr>`);
  const also = more.length === 0 ? "" : `<p>Also, since the last message:</p><ul>${more.map((line) => `<li>${escaped(line)}</li>`).join("")}</ul>`;
  return [
    `<h2>${escaped(title)}</h2>`,
    ...sentences.map((sentence) => `<p>${escaped(sentence)}</p>`),
    rows.length === 0 ? "" : `<table>${rows.join("")}</table>`,
    also,
    `<p><a href="${escaped(link.url)}">${escaped(link.label)}</a></p>`,
    `<p style="color:#616161">${escaped(footer)}</p>`,
  ].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
