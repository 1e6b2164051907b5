// One webhook request over the wire, with Shopify's two time-outs.
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import type { ClientRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

export interface Parcel {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: Buffer;
}

export interface Timeouts {
  connectMs: number;
  totalMs: number;
}

export type PostOutcome = { kind: "answered"; status: number; body: string } | { kind: "failed"; reason: "connect_timeout" | "timeout" | "connection" };

export interface Poster {
  post(parcel: Parcel, timeouts: Timeouts): Promise<PostOutcome>;
  close(): void;
}

/** An answer longer than this is read to its end but not kept. */
const KEPT_ANSWER_CHARS = 4_096;

export function createPoster(maxSockets: number): Poster {
  const http = new HttpAgent({ keepAlive: true, maxSockets });
  const https = new HttpsAgent({ keepAlive: true, maxSockets });
  /** Every request on a connection of its own: an app that stops closes all its idle ones at once, and the next kept one may be as stale. */
  const [newHttp, newHttps] = [new HttpAgent({ maxSockets }), new HttpsAgent({ maxSockets })];
  return {
    async post(parcel, timeouts) {
      const first = await send(parcel, timeouts, http, https);
      // The app may close an idle connection at the very moment it is used again. That is no failed delivery, so it is sent on a new one.
      return first === "stale_connection" ? fresh(await send(parcel, timeouts, newHttp, newHttps)) : first;
    },
    close() {
      for (const agent of [http, https, newHttp, newHttps]) agent.destroy();
    },
  };
}

function fresh(outcome: PostOutcome | "stale_connection"): PostOutcome {
  return outcome === "stale_connection" ? { kind: "failed", reason: "connection" } : outcome;
}

function send(parcel: Parcel, timeouts: Timeouts, http: HttpAgent, https: HttpsAgent): Promise<PostOutcome | "stale_connection"> {
  return new Promise((resolve) => {
    const secure = parcel.url.startsWith("https:");
    const headers = { ...parcel.headers, "content-length": String(parcel.body.length) };
    const request: ClientRequest = secure
      ? httpsRequest(parcel.url, { method: parcel.method, headers, agent: https })
      : httpRequest(parcel.url, { method: parcel.method, headers, agent: http });
    let connectTimer: NodeJS.Timeout | undefined;
    let answered = false;
    const finish = (outcome: PostOutcome | "stale_connection") => {
      clearTimeout(totalTimer);
      clearTimeout(connectTimer);
      resolve(outcome);
    };
    const totalTimer = setTimeout(() => {
      finish({ kind: "failed", reason: "timeout" });
      request.destroy();
    }, timeouts.totalMs);
    request.on("socket", (socket) => {
      if (!socket.connecting) return;
      connectTimer = setTimeout(() => {
        finish({ kind: "failed", reason: "connect_timeout" });
        request.destroy();
      }, timeouts.connectMs);
      socket.once("connect", () => clearTimeout(connectTimer));
    });
    request.on("error", () => finish(request.reusedSocket && !answered ? "stale_connection" : { kind: "failed", reason: "connection" }));
    request.on("response", (response) => {
      answered = true;
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        if (body.length < KEPT_ANSWER_CHARS) body += chunk;
      });
      response.on("end", () => finish({ kind: "answered", status: response.statusCode ?? 0, body: body.slice(0, KEPT_ANSWER_CHARS) }));
      response.on("error", () => finish({ kind: "failed", reason: "connection" }));
    });
    request.end(parcel.body);
  });
}
