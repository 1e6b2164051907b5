// The check of names in back-ticks: what looks like a path of the repository is there, and tests that are quoted beside their file stand in it.
import { dirname } from "node:path";

import { METRIC_TOPICS } from "#app/pipeline/accept/accept-webhook.server.ts";

import type { Document } from "./read-documents.ts";

/** Files by whose ending a name is surely a file's. */
const FILE = /^[\w@$.[\]-]+(\/[\w@$.[\]-]+)*\.(ts|tsx|mjs|md|json|jsonl|toml|yml|yaml|sql|prisma|lua|css|html|svg|jpg)$/;
const FOLDER = /^[\w@.-]+(\/[\w@.-]+)*\/$/;
/** Written when a command runs, or by the reader. */
const MADE = /^(node_modules|build|\.cache|\.holdfast|\.env|\.shopify|dist)(\/|$)/;

export function faultsOfPaths(documents: readonly Document[], tree: ReadonlySet<string>, elsewhere: ReadonlySet<string>): string[] {
  const topics = new Set([...METRIC_TOPICS, "app/uninstalled", "app/scopes_update"]);
  const tops = new Set([...tree].map((path) => path.split("/", 1)[0] ?? ""));
  return documents.flatMap(({ path, codes }) =>
    codes.flatMap(({ text, line }) => {
      if (/\s|^\/|^[a-z]+:|[(){}<>*…?=,]/.test(text) || topics.has(text) || MADE.test(text) || /^\.\w+\.tsx?$/.test(text) || elsewhere.has(text)) return [];
      const looksLikeOne = FILE.test(text) || FOLDER.test(text) || (text.includes("/") && tops.has(text.split("/", 1)[0] ?? "") && /^[\w@$.[\]/-]+$/.test(text));
      return looksLikeOne && !isThere(text.replace(/\/$/, ""), path, tree) ? [`${path}:${line} \`${text}\` is not in the repository`] : [];
    }),
  );
}

/** From the root, from the document, or at the end of some path: documents name files shortly where it is clear which are meant. */
function isThere(name: string, document: string, tree: ReadonlySet<string>): boolean {
  if (tree.has(name) || tree.has(`${dirname(document)}/${name}`)) return true;
  for (const path of tree) if (path.endsWith(`/${name}`)) return true;
  return false;
}

/** A sentence in italics beside a test's file is a title. Shorter ones are words: the name of a page, what is stressed. */
const TITLE_WORDS_MIN = 4;

export async function faultsOfTitles(documents: readonly Document[], tree: ReadonlySet<string>, read: (path: string) => Promise<string>): Promise<string[]> {
  const faults: string[] = [];
  for (const { path, passages } of documents) {
    for (const { line, codes, emphases } of passages) {
      const files = codes.filter((code) => /\.test\.tsx?$/.test(code)).flatMap((code) => [...tree].filter((file) => file === code || file.endsWith(`/${code}`)));
      const titles = emphases.filter((emphasis) => emphasis.split(/\s+/).length >= TITLE_WORDS_MIN);
      if (files.length === 0 || titles.length === 0) continue;
      const sources = (await Promise.all(files.map(read))).map((source) => source.replaceAll('\\"', '"'));
      for (const title of titles) {
        if (!sources.some((source) => source.includes(title.replace(/…$/, "")))) faults.push(`${path}:${line} no test of ${codes.filter((code) => code.includes(".test.")).join(", ")} is called "${title}"`);
      }
    }
  }
  return faults;
}
