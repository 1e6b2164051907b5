// Small route tables: whatever they answer, the whole table would have answered the same.
import type { LoaderFunctionArgs, ServerBuild } from "@remix-run/node";
import { describe, expect, it } from "vitest";

import { createHandlers } from "./route-tables.ts";

type Routes = ServerBuild["routes"];

const told = (name: string) => ({ default: undefined, loader: ({ params }: LoaderFunctionArgs) => Response.json({ name, params }), action: () => Response.json({ name }) });
const page = { default: () => null };

const routes: Routes = {
  root: { id: "root", path: "", module: page },
  webhooks: { id: "webhooks", parentId: "root", path: "webhooks", module: told("webhooks") },
  app: { id: "app", parentId: "root", path: "app", module: page },
  "app.data": { id: "app.data", parentId: "app", path: "numbers", module: told("numbers") },
  "app.$": { id: "app.$", parentId: "app", path: "*", module: page },
  "api.$": { id: "api.$", parentId: "root", path: "api/v1/*", module: told("no such thing") },
  "api.holds": { id: "api.holds", parentId: "root", path: "api/v1/holds", module: told("holds") },
  "api.hold": { id: "api.hold", parentId: "root", path: "api/v1/holds/:id", module: told("hold") },
};

const build = {
  mode: "production",
  entry: { module: { default: () => new Response("a page", { status: 404 }) } },
  routes,
  assets: { entry: { imports: [], module: "" }, routes: {}, url: "", version: "1" },
  publicPath: "/",
  assetsBuildDirectory: "build",
  isSpaMode: false,
  future: { v3_fetcherPersist: true, v3_relativeSplatPath: true, v3_throwAbortReason: true, v3_singleFetch: true, v3_lazyRouteDiscovery: false },
} as ServerBuild;

const handlerOf = createHandlers(build, "production");
const whole = handlerOf("/app/some-page");
const ask = async (path: string) => (await handlerOf(path)(new Request(`http://127.0.0.1${path}`))).text();
const askWhole = async (path: string) => (await whole(new Request(`http://127.0.0.1${path}`))).text();

describe("the tables of routes that answer programs", () => {
  it.each(["/webhooks", "/api/v1/holds", "/api/v1/holds/7", "/api/v1/elsewhere", "/api/v1/holds/7/more", "/app/numbers"])("answer %s as the whole table does", async (path) => {
    expect(handlerOf(path)).not.toBe(whole);
    expect(await ask(path)).toBe(await askWhole(path));
  });

  it("know what a path's places hold", async () => {
    expect(JSON.parse(await ask("/api/v1/holds/7"))).toMatchObject({ name: "hold", params: { id: "7" } });
  });

  it.each(["/", "/app", "/app/elsewhere", "/api", "/apis/v1/holds", "/webhooks/", "/Webhooks", "/__manifest", "/api/v1/a%0Ab", "/api/v1/%0D", "/api/v1/%E2%80%A8", "/api/v1/holds/a%e2%80%a9"])("leave %s to the whole table", (path) => {
    expect(handlerOf(path)).toBe(whole);
  });
});
