// Turns the TypeScript of client/ into what a browser loads: modules for the admin page, one classic script for App Bridge.
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";

const client = new URL("./client/", import.meta.url);
/** In order of their imports. */
const bridgeFiles = ["connection", "session", "navigation", "bars", "modal", "shopify-global"];

const made = new Map<string, string>();

/** Files do not change while the simulator runs. */
function once(key: string, make: () => string): string {
  const known = made.get(key);
  if (known !== undefined) return known;
  const text = make();
  made.set(key, text);
  return text;
}

/** One file of the admin page as a module, or null when there is none of that name. */
export function adminModule(path: string): string | null {
  if (!/^(admin\/[a-z-]+|messages)\.ts$/.test(path)) return null;
  try {
    return once(path, () => withoutTypes(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

export function styleSheet(): string {
  return once("admin.css", () => readFileSync(new URL("admin.css", client), "utf8"));
}

/**
 * App Bridge must define `window.shopify` before the app's next line runs, which only a classic script can: the modules
 * are joined in order of their imports, inside one function. Their top-level names are unique, else the browser refuses.
 */
export function appBridgeScript(): string {
  return once("app-bridge", () => {
    const parts = bridgeFiles.map((name) => joinable(withoutTypes(`bridge/${name}.ts`), name));
    return `(() => {\n"use strict";\n${parts.join("\n")}\n})();\n`;
  });
}

function joinable(code: string, name: string): string {
  const joined = code.replaceAll(/^import [^;]*? from "\.\/[a-z-]+\.ts";$/gm, "").replaceAll(/^export (?=(async function|function|class|const|let) )/gm, "");
  if (/^(import|export)\b/m.test(joined)) throw new Error(`bridge/${name}.ts imports or exports in a way that cannot be joined into one script`);
  return joined;
}

function withoutTypes(path: string): string {
  return stripTypeScriptTypes(readFileSync(new URL(path, client), "utf8"), { mode: "strip" });
}
