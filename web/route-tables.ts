// Which part of the build's route table a request is matched against: Remix ranks every route it is given anew for each request, twice.

import { type AppLoadContext, createRequestHandler, type ServerBuild } from "@remix-run/node";

export type Handle = (request: Request, context?: AppLoadContext) => Promise<Response>;

type Routes = ServerBuild["routes"];
type Route = Routes[string];

/** `*` takes whatever follows, but no line end: over a table in which nothing matches, and without the root, Remix fails instead of answering 404. */
const LINE_END = /%0[ad]|%e2%80%a[89]/i;

/**
 * Remix's own handler, over the smallest table in which the request's path finds the same route as in the whole one. With 75 routes
 * matching costs a millisecond, with one of them a few microseconds. Only routes that answer programs (no page of their own) have tables:
 * a page's answer names other routes.
 */
export function createHandlers(build: ServerBuild, mode: "production" | "development"): (path: string) => Handle {
  const whole = createRequestHandler(build, mode);
  const over = (routes: readonly Route[]): Handle => createRequestHandler({ ...build, routes: standingAlone(routes, build.routes) }, mode);
  const all = Object.values(build.routes);
  const patterns = new Map(all.map((route) => [route, fullPath(route, build.routes)]));
  const exact = new Map<string, Handle>();
  const below: { readonly prefix: string; readonly handle: Handle }[] = [];
  for (const route of all) {
    const pattern = patterns.get(route) ?? "";
    if (!answersPrograms(route)) continue;
    // A path that is spelt out wins over every pattern with places in it.
    if (!/[:*?]/.test(pattern) && pattern !== "/") exact.set(pattern, over([route]));
    if (!/^\/[^:*?]+\/\*$/.test(pattern)) continue;
    // Whatever comes below is answered by this route or by a better one of the same table: nothing outside it can match.
    const prefix = pattern.slice(0, -1);
    const inside = all.filter((other) => patterns.get(other)?.startsWith(prefix) === true);
    if (inside.every(answersPrograms)) below.push({ prefix, handle: over(inside) });
  }
  return (path) => exact.get(path) ?? (LINE_END.test(path) ? undefined : below.find(({ prefix }) => path.startsWith(prefix))?.handle) ?? whole;
}

function answersPrograms({ module }: Route): boolean {
  const isPage = (module.default ?? module.ErrorBoundary ?? null) !== null;
  return !isPage && (module.loader !== undefined || module.action !== undefined);
}

/** Without their parents: only the matched route of a program's request runs. */
function standingAlone(routes: readonly Route[], known: Routes): Routes {
  return Object.fromEntries(routes.map((route) => [route.id, { ...route, parentId: undefined, path: fullPath(route, known).slice(1) }]));
}

function fullPath(route: Route, known: Routes): string {
  const parent = route.parentId === undefined ? undefined : known[route.parentId];
  const before = parent === undefined ? "" : fullPath(parent, known);
  return `${before === "/" ? "" : before}${route.path === undefined || route.path === "" ? "" : `/${route.path}`}` || "/";
}
