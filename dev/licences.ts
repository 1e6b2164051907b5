// `node dev/licences.ts`: writes docs/reference/licences.md, the licence of every package that Holdfast ships with, from the lock file.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

export const LICENCE_LIST = join("docs", "reference", "licences.md");

/** They ask for nothing but that their notice is kept. Of "A OR B" one is enough, of "A AND B" both are wanted. */
const ALLOWED: ReadonlySet<string> = new Set(["0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "Python-2.0", "Unlicense"]);

/** Looked at one by one. */
const LOOKED_AT: Readonly<Record<string, string>> = {
  "@shopify/polaris": "Shopify's own licence: free to use in apps that work with Shopify, which is what this is",
  "@shopify/polaris-icons": "as @shopify/polaris",
  "@shopify/polaris-tokens": "as @shopify/polaris",
};

export interface Package {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** For development and tests only: it is in no deployment. */
  readonly isDev: boolean;
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly link?: boolean;
}

export async function readPackages(root: string): Promise<Package[]> {
  const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as { readonly packages: Readonly<Record<string, LockEntry>> };
  const found = new Map<string, Package>();
  for (const [path, { version = "", license, dev = false, link = false }] of Object.entries(lock.packages)) {
    if (!path.startsWith("node_modules/") || link) continue;
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const licence = license ?? (await licenceOnDisk(join(root, path)));
    const known = found.get(`${name}@${version}`);
    found.set(`${name}@${version}`, { name, version, licence, isDev: dev && (known?.isDev ?? true) });
  }
  return [...found.values()].toSorted((one, other) => (one.name === other.name ? one.version.localeCompare(other.version) : one.name < other.name ? -1 : 1));
}

/** A few packages name theirs in a form that the lock file does not take over. */
async function licenceOnDisk(folder: string): Promise<string> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => "{}");
  const { license, licenses } = JSON.parse(text) as { license?: string | { type?: string }; licenses?: readonly { type?: string }[] };
  const named = typeof license === "string" ? license : (license?.type ?? licenses?.[0]?.type);
  return named ?? "not named";
}

/** Those that ship under a licence that nobody has agreed to. */
export function notAllowed(packages: readonly Package[]): Package[] {
  return packages.filter(({ name, licence, isDev }) => !isDev && !Object.hasOwn(LOOKED_AT, name) && !isAllowed(licence));
}

export function isAllowed(licence: string): boolean {
  const choices = licence.replaceAll(/[()]/g, "").split(" OR ");
  return choices.some((choice) => choice.split(" AND ").every((one) => ALLOWED.has(one.trim())));
}

export function writeLicenceList(packages: readonly Package[]): string {
  const shipped = packages.filter(({ isDev }) => !isDev);
  const rows = shipped.map(({ name, version, licence }) => `| ${name} | ${version} | ${LOOKED_AT[name] ?? licence} |`);
  const counts = Map.groupBy(packages.filter(({ isDev }) => isDev), ({ licence }) => licence);
  const ofDevelopment = [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([licence, ones]) => `| ${licence} | ${ones.length} |`);
  return [
    "# Licences of dependencies",
    "",
    "Written by `node dev/licences.ts` from the lock file; `dev/licences.test.ts` fails when it is not current, or when a package ships under a licence that is not",
    "agreed to there. Licences are as the packages name them.",
    "",
    "## In a deployment",
    "| package | version | licence |",
    "|---|---|---|",
    ...rows,
    "",
    "## For development and tests only",
    "| licence | packages |",
    "|---|---|",
    ...ofDevelopment,
    "",
  ].join("\n");
}

if (import.meta.main) {
  const packages = await readPackages(process.cwd());
  await writeFile(LICENCE_LIST, writeLicenceList(packages));
  const refused = notAllowed(packages);
  for (const { name, version, licence } of refused) process.stderr.write(`${name} ${version} ships under ${licence}, which is not agreed to\n`);
  process.exitCode = refused.length === 0 ? 0 : 1;
}
