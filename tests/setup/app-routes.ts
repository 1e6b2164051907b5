// Every route file of the app, found on the disk so that none is forgotten, and called as Remix calls it: with a request and its parameters.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { vi } from "vitest";

import type { House } from "./house.ts";

const ROUTES = join(import.meta.dirname, "../../app/routes");
/** Shopify's library answers bots with 410. */
export const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

interface RouteArgs {
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
  readonly context: object;
}

interface RouteModule {
  readonly loader?: (args: RouteArgs) => unknown;
  readonly action?: (args: RouteArgs) => unknown;
  readonly default?: unknown;
}

export interface AppRoute {
  readonly file: string;
  /** "/app/holds/:id"; "*" at the end takes whatever follows. */
  readonly path: string;
  readonly parameters: readonly string[];
  /** `embedded`: opened by a session token of Shopify's, for pages and for blocks in the admin. */
  readonly kind: "embedded" | "api" | "other";
  readonly module: RouteModule;
}

export interface RouteAnswer {
  readonly status: number;
  /** What the page would get, as text. */
  readonly text: string;
  /** Where it was an object. */
  readonly data: unknown;
}

export interface AppRoutes {
  readonly routes: readonly AppRoute[];
  /** As a page asks for its data, for a person of the shop. */
  load(route: AppRoute, shop: string, request?: RouteRequest): Promise<RouteAnswer>;
  /** As a form of a page is sent. */
  act(route: AppRoute, shop: string, form: Readonly<Record<string, string>>, request?: RouteRequest): Promise<RouteAnswer>;
  /** As a program calls the API. */
  call(route: AppRoute, token: string, request?: RouteRequest & { readonly method?: string; readonly body?: object }): Promise<RouteAnswer>;
}

export interface RouteRequest {
  readonly parameters?: Readonly<Record<string, string>>;
  /** "?state=open" */
  readonly query?: string;
  /** Who of the shop; left out: its owner. */
  readonly staff?: string;
  /** Instead of a session token of the shop. */
  readonly authorization?: string;
}

/** Takes the house for the process's own composition: routes reach for that. One house a test file. */
export async function openAppRoutes(house: House): Promise<AppRoutes> {
  (globalThis as { holdfast?: House["composed"] }).holdfast = house.composed;
  // Some routes keep what they found there: of the house of the file before this one.
  vi.resetModules();
  const routes = await readRoutes();
  const person = (shop: string, { staff, authorization }: RouteRequest) => {
    if (authorization !== undefined) return { Authorization: authorization, "User-Agent": BROWSER };
    const { token } = house.simulator.control.sessionToken(shop, staff === undefined ? {} : { staff });
    return { Authorization: `Bearer ${token}`, "User-Agent": BROWSER };
  };
  const ask = (route: AppRoute, run: RouteModule["loader"], init: RequestInit, { parameters = {}, query = "" }: RouteRequest) => {
    if (run === undefined) throw new Error(`${route.file} answers no such request`);
    return answerOf(() => run({ request: new Request(`http://127.0.0.1${addressOf(route, parameters)}${query}`, init), params: parameters, context: {} }));
  };
  return {
    routes,
    load: (route, shop, request = {}) => ask(route, route.module.loader, { headers: person(shop, request) }, request),
    act: (route, shop, form, request = {}) => ask(route, route.module.action, { method: "POST", headers: person(shop, request), body: new URLSearchParams({ ...form }) }, request),
    call(route, token, { method = "GET", body, ...request } = {}) {
      const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
      return ask(route, method === "GET" ? route.module.loader : route.module.action, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }, request);
    },
  };
}

function addressOf({ path, file }: AppRoute, parameters: Readonly<Record<string, string>>): string {
  return path.replaceAll(/:(\w+)|\*$/g, (_, name: string | undefined) => {
    const value = parameters[name ?? "*"];
    if (value === undefined) throw new Error(`${file} needs the parameter ${name ?? "*"}`);
    return encodeURIComponent(value);
  });
}

async function readRoutes(): Promise<AppRoute[]> {
  const entries = await readdir(ROUTES, { withFileTypes: true });
  const files = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/route.tsx` : entry.name)).toSorted();
  return await Promise.all(
    files.map(async (file): Promise<AppRoute> => {
      const path = pathOf(file);
      const module = (await import(/* @vite-ignore */ pathToFileURL(join(ROUTES, file)).href)) as RouteModule;
      const kind = /^\/(?:app|extension)(?=\/|$)/.test(path) ? "embedded" : path.startsWith("/api/") ? "api" : "other";
      return { file, path, parameters: [...path.matchAll(/:(\w+)|\*$/g)].map((found) => found[1] ?? "*"), kind, module };
    }),
  );
}

/** Remix's convention for flat routes, as far as this house uses it. */
function pathOf(file: string): string {
  const name = file.replace(/\/route\.tsx$/, "").replace(/\.tsx?$/, "");
  // A dot in brackets is a dot of the address, not the end of a segment.
  const segments = name.replaceAll("[.]", "\0").split(".").filter((segment) => !segment.startsWith("_"));
  const written = segments.map((segment) => segment.replace(/_$/, "").replaceAll("\0", "."));
  return `/${written.map((segment) => (segment === "$" ? "*" : segment.replace(/^\$/, ":"))).join("/")}`;
}

/** A thrown Response is an answer, as it is to Remix; anything else that is thrown is a defect. */
async function answerOf(run: () => unknown): Promise<RouteAnswer> {
  let answer: unknown;
  try {
    answer = await run();
  } catch (thrown) {
    if (!(thrown instanceof Response)) throw thrown;
    answer = thrown;
  }
  if (answer instanceof Response) {
    const text = await answer.text();
    return { status: answer.status, text, data: answer.headers.get("content-type")?.includes("json") === true ? (JSON.parse(text) as unknown) : null };
  }
  const { data, status } = unwrapped(answer);
  return { status, text: JSON.stringify(data, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)) ?? "", data };
}

/** What `data(…, init)` made. */
function unwrapped(answer: unknown): { data: unknown; status: number } {
  if (typeof answer === "object" && answer !== null && "type" in answer && answer.type === "DataWithResponseInit" && "data" in answer && "init" in answer) {
    return { data: answer.data, status: (answer.init as ResponseInit | null)?.status ?? 200 };
  }
  return { data: answer, status: 200 };
}
