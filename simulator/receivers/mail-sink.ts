// A mail server that delivers nothing: it keeps what it is sent, and fails as mail servers do.
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import type { SMTPServerDataStream, SMTPServerOptions, SMTPServerSession } from "smtp-server";
import { Mischief } from "./mischief.ts";
import type { MischiefPlan } from "./mischief.ts";

export interface MailSinkOptions {
  port?: number;
  host?: string;
  /** With it, senders must log in; without TLS, as this is the machine itself. */
  login?: { user: string; password: string };
  mischief?: MischiefPlan;
  slowMs?: number;
  sleep?: (ms: number) => Promise<void>;
}

export interface TakenMail {
  place: number;
  from: string;
  to: string[];
  /** By lower-case name, unfolded; encoded words are left as they came. */
  headers: Record<string, string>;
  messageId: string | null;
  subject: string | null;
  /** Everything after the headers, transfer encoding and all. */
  rawBody: string;
}

export interface MailSink {
  readonly host: string;
  readonly port: number;
  /** `smtp://[user:password@]host:port` */
  readonly url: string;
  mails(): TakenMail[];
  setMischief(plan: MischiefPlan): void;
  close(): Promise<void>;
}

export async function startMailSink(options: MailSinkOptions = {}): Promise<MailSink> {
  const mischief = new Mischief();
  mischief.set(options.mischief ?? {});
  const mails: TakenMail[] = [];
  const server = new SMTPServer({
    disabledCommands: options.login ? ["STARTTLS"] : ["STARTTLS", "AUTH"],
    ...loginOptions(options),
    disableReverseLookup: true,
    onData(stream, session, callback) {
      const answer = async () => callback(await receive(stream, session, { options, mischief, mails }));
      // A stream that breaks off has nobody left to answer.
      void answer().catch(() => undefined);
    },
  });
  // A sender that goes in the middle of a mail is no failure of the sink.
  server.on("error", () => undefined);
  const host = options.host ?? "127.0.0.1";
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, host, () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  const login = options.login ? `${encodeURIComponent(options.login.user)}:${encodeURIComponent(options.login.password)}@` : "";
  return {
    host,
    port,
    url: `smtp://${login}${host}:${port}`,
    mails: () => [...mails],
    setMischief: (plan) => mischief.set(plan),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function loginOptions({ login }: MailSinkOptions): SMTPServerOptions {
  if (!login) return { authOptional: true };
  return {
    allowInsecureAuth: true,
    onAuth(auth, _session, callback) {
      if (auth.username === login.user && auth.password === login.password) callback(null, { user: login.user });
      else callback(refusal(535, "Authentication failed"));
    },
  };
}

async function receive(stream: SMTPServerDataStream, session: SMTPServerSession, sink: { options: MailSinkOptions; mischief: Mischief; mails: TakenMail[] }): Promise<Error | null> {
  const { options, mischief, mails } = sink;
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const fate = mischief.draw();
  if (fate.slow) await (options.sleep ?? wait)(options.slowMs ?? 1_000);
  if (fate.taken) mails.push(readMail(Buffer.concat(chunks).toString("utf8"), session, mails.length + 1));
  switch (fate.answer) {
    case "ok":
      return null;
    case "busy":
      return refusal(450, "Mailbox busy, try again later");
    case "reject":
      return refusal(550, "No such user here");
    case "refuse":
      return refusal(451, "Local error in processing");
    case "cut":
      // The one code after which the server hangs up.
      return refusal(421, "Service not available, closing transmission channel");
  }
}

function readMail(raw: string, session: SMTPServerSession, place: number): TakenMail {
  const end = raw.indexOf("\r\n\r\n");
  const head = end === -1 ? raw : raw.slice(0, end);
  const headers: Record<string, string> = {};
  for (const line of head.replace(/\r\n[ \t]+/g, " ").split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const { mailFrom, rcptTo } = session.envelope;
  return {
    place,
    from: mailFrom ? mailFrom.address : "",
    to: rcptTo.map(({ address }) => address),
    headers,
    messageId: headers["message-id"] ?? null,
    subject: headers["subject"] ?? null,
    rawBody: end === -1 ? "" : raw.slice(end + 4),
  };
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
