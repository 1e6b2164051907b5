// Every address that the web process answers, read from the disk so that none is forgotten.
import { readdir } from "node:fs/promises";
import { join } from "node:path";

const ROUTES = join(import.meta.dirname, "../../app/routes");
/** Of Remix itself: route discovery, a page's data, a page's data by the name of its routes. */
const FRAMEWORK = ["/__manifest", "/_root.data", "/assets/nothing.js", "/favicon.svg", "/.well-known/nothing", "/robots.txt"];

export interface PublicRoute {
  /** "/app/holds/:id"; "*" at the end takes whatever follows. */
  readonly path: string;
  readonly kind: "webhooks" | "api" | "embedded" | "export" | "other";
}

export async function readPublicRoutes(): Promise<readonly PublicRoute[]> {
  const entries = await readdir(ROUTES, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() || !/\.test\.tsx?$/.test(entry.name)).map(({ name }) => name.replace(/\.tsx?$/, ""));
  const paths = names.map(pathOf);
  return [...paths, ...FRAMEWORK].toSorted().map((path) => ({ path, kind: kindOf(path) }));
}

/** Remix's convention for flat routes, as far as this house uses it. */
function pathOf(name: string): string {
  // A dot in brackets is a dot of the address, not the end of a segment.
  const segments = name.replaceAll("[.]", "\0").split(".").filter((segment) => !segment.startsWith("_"));
  const written = segments.map((segment) => segment.replace(/_$/, "").replaceAll("\0", "."));
  return `/${written.map((segment) => (segment === "$" ? "*" : segment.replace(/^\$/, ":"))).join("/")}`;
}

function kindOf(path: string): PublicRoute["kind"] {
  if (path === "/webhooks") return "webhooks";
  if (path.startsWith("/api/")) return "api";
  if (path.startsWith("/exports/")) return "export";
  return /^\/(app|extension)(\/|$)/.test(path) ? "embedded" : "other";
}
