// Reads what Shopify's CLI would read of the project: the manifests of the app and the files of its extensions.

import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, sep } from "node:path";

import { parse } from "smol-toml";

import { checkExtension, type ExtensionFolder } from "./check-extension.ts";
import { checkManifest, isPlaceholder, type ManifestSurroundings } from "./check-manifest.ts";
import { HOLDFAST_NEEDS, type ManifestNeeds } from "./holdfast-needs.ts";
import type { ManifestFault } from "./manifest-shapes.ts";

export interface CheckedFile {
  /** From the project's root. */
  readonly file: string;
  readonly faults: readonly ManifestFault[];
  /** It is the repository's own, not linked to an app of Shopify's. */
  readonly placeholder: boolean;
}

/** As the CLI finds them: shopify.app.toml, and one for each further app that the folder is linked to. */
const APP_FILES = /^shopify\.app(\.[-\w]+)?\.toml$/;
const EXTENSION_FILE = "shopify.extension.toml";
const WORDS = "locales/en.default.json";

/** Empty where there are no manifests: a server may have been deployed without them. */
export async function checkProject(root: string, around?: ManifestSurroundings, needs: ManifestNeeds = HOLDFAST_NEEDS): Promise<CheckedFile[]> {
  const apps = (await readdir(root)).filter((name) => APP_FILES.test(name)).toSorted();
  const checked = await Promise.all(apps.map((file) => check(root, file, (parsed) => ({ faults: checkManifest(parsed, needs, around), placeholder: isPlaceholder(parsed) }))));
  if (apps.length === 0) return [];
  const folders = await foldersIn(join(root, "extensions"));
  const extensions = folders.filter(({ files }) => files.includes(EXTENSION_FILE));
  const further = await Promise.all(extensions.map((folder) => check(root, `extensions/${folder.name}/${EXTENSION_FILE}`, (parsed) => ({ faults: checkExtension(parsed, folder, needs), placeholder: false }))));
  return [...checked, ...further];
}

async function check(root: string, file: string, look: (parsed: Record<string, unknown>) => Omit<CheckedFile, "file">): Promise<CheckedFile> {
  try {
    return { file, ...look(parse(await readFile(join(root, file), "utf8"))) };
  } catch (error) {
    const [message = "it cannot be read"] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { file, faults: [{ at: "", code: "wrong_shape", message }], placeholder: false };
  }
}

async function foldersIn(root: string): Promise<ExtensionFolder[]> {
  // An image may hold the app's manifest without the extensions.
  if (!existsSync(root)) return [];
  const entries = await readdir(root, { withFileTypes: true });
  return await Promise.all(entries.filter((entry) => entry.isDirectory()).map(({ name }) => readFolder(join(root, name), name)));
}

/** Two levels: where the CLI's own files lie. */
async function readFolder(path: string, name: string): Promise<ExtensionFolder> {
  const top = await readdir(path, { withFileTypes: true });
  const nested = await Promise.all(top.filter((entry) => entry.isDirectory() && entry.name !== "node_modules").map(async (entry) => (await readdir(join(path, entry.name))).map((file) => `${entry.name}/${file}`)));
  const files = [...top.filter((entry) => entry.isFile()).map((entry) => entry.name), ...nested.flat()].map((file) => file.split(sep).join("/"));
  return { name, files, words: files.includes(WORDS) ? keysOf(JSON.parse(await readFile(join(path, WORDS), "utf8"))) : null };
}

function keysOf(words: unknown, prefix = ""): string[] {
  if (typeof words !== "object" || words === null) return [];
  return Object.entries(words).flatMap(([key, value]) => (typeof value === "string" ? [`${prefix}${key}`] : keysOf(value, `${prefix}${key}.`)));
}
