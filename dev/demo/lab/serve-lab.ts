// Serves the race lab's page: a form in, a redirect to the page out; one sale at a time.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { guidePage, HOLDFAST_TITLE, labPage } from "./lab-page.ts";
import { labRuns } from "./lab-runs.ts";
import type { LabTask } from "./lab-runs.ts";
import type { LabResult } from "./lab-result.ts";
import { ALL_ON, nameOf, SWITCH_NAMES, TABLE_OF_SWITCHES } from "./switches.ts";
import type { Switches } from "./switches.ts";

export type LabServerOptions = {
  /** 0: a free one. */
  port?: number;
  runHandler: (switches: Switches, seed: number) => Promise<LabResult>;
  /** Null: the page offers the lab's handler only. */
  runHoldfast: ((seed: number) => Promise<LabResult>) | null;
  adminUrl: string | null;
};

export type LabServer = { origin: string; close(): Promise<void> };

const BODY_BYTES_MAX = 4_096;
const SEED_MAX = 999_999;
const GUIDE = new URL("../../../docs/reference/races.md", import.meta.url);

type Asked = { what: "one" | "table" | "holdfast"; switches: Switches; seed: number };

export async function serveLab(options: LabServerOptions): Promise<LabServer> {
  const runs = labRuns();
  let last: { switches: Switches; seed: number } = { switches: ALL_ON, seed: 1 };
  const page = () => labPage({ ...last, running: runs.current(), failure: runs.failure(), results: runs.results(), withHoldfast: options.runHoldfast !== null, adminUrl: options.adminUrl });

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = new URL(request.url ?? "/", "http://lab").pathname;
    const get = request.method === "GET" || request.method === "HEAD";
    if (get && path === "/") return send(response, 200, "text/html; charset=utf-8", page());
    if (get && path === "/state") return send(response, 200, "application/json", JSON.stringify({ running: runs.current(), results: runs.results().length }));
    if (get && path === "/results") return send(response, 200, "application/json", JSON.stringify({ items: runs.results() }));
    if (get && path === "/guide") return send(response, 200, "text/html; charset=utf-8", guidePage(await readFile(GUIDE, "utf8")));
    if (get || request.method !== "POST" || !sameOrigin(request)) return send(response, 404, "text/plain; charset=utf-8", "Nothing answers here.");
    const form = await readForm(request);
    if (path === "/clear") {
      if (runs.current() === null) runs.clear();
    } else if (path === "/runs" && form !== null) {
      const asked = readAsked(form);
      if (runs.start(tasksOf(asked, options))) last = asked;
    }
    response.writeHead(303, { location: "/#runs" }).end();
  };

  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => send(response, 500, "text/plain; charset=utf-8", error instanceof Error ? error.message : String(error)));
  });
  await new Promise<void>((listening) => server.listen(options.port ?? 0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      await runs.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function tasksOf({ what, switches, seed }: Asked, { runHandler, runHoldfast }: LabServerOptions): LabTask[] {
  const handler = (chosen: Switches): LabTask => ({ title: nameOf(chosen), run: async () => await runHandler(chosen, seed) });
  switch (what) {
    case "one":
      return [handler(switches)];
    case "table":
      return TABLE_OF_SWITCHES.map(handler);
    case "holdfast":
      return runHoldfast === null ? [] : [{ title: HOLDFAST_TITLE, run: async () => await runHoldfast(seed) }];
  }
}

function readAsked(form: URLSearchParams): Asked {
  const given = form.get("what");
  const seed = Number(form.get("seed"));
  const switches = Object.fromEntries(SWITCH_NAMES.map((name) => [name, form.has(name)])) as Record<(typeof SWITCH_NAMES)[number], boolean>;
  return { what: given === "table" || given === "holdfast" ? given : "one", switches, seed: Number.isInteger(seed) && seed >= 0 && seed <= SEED_MAX ? seed : 1 };
}

/** Null: larger than any form of the page. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > BODY_BYTES_MAX) return null;
    chunks.push(chunk as Buffer);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
}

/** A page of another site must not start sales here. */
function sameOrigin({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined || headers.origin === `http://${headers.host ?? ""}`;
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
}
