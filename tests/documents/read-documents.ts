// Reads the project's documents as the checks beside this file want them: links, anchors, code samples, names in back-ticks, each with its line.
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { lexer, type Token, type Tokens, walkTokens } from "marked";

export const ROOT = join(import.meta.dirname, "..", "..");
/** Made by commands, not kept with the code. */
const MADE = new Set(["node_modules", ".git", "build", ".cache", ".holdfast", ".shopify", "dist"]);

export interface Named {
  readonly text: string;
  readonly line: number;
}

export interface Sample extends Named {
  /** What stands behind the three back-ticks; empty when nothing does. */
  readonly language: string;
  /** Of the comment `<!-- sample: … -->` just before it: how it is checked, or why it is not. */
  readonly note: string | null;
}

/** A paragraph, a table's row, a list's item: what is said together. */
export interface Passage {
  readonly line: number;
  readonly codes: readonly string[];
  readonly emphases: readonly string[];
}

export interface Document {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly Named[];
  readonly samples: readonly Sample[];
  readonly codes: readonly Named[];
  readonly passages: readonly Passage[];
}

/** Every file and folder of the repository, as paths from its root. */
export async function readTree(): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const walk = async (folder: string): Promise<void> => {
    // A folder that was there a moment ago may have been some test's own.
    for (const entry of await readdir(join(ROOT, folder), { withFileTypes: true }).catch(() => [])) {
      if (MADE.has(entry.name)) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      found.add(path);
      if (entry.isDirectory()) await walk(path);
    }
  };
  await walk("");
  return found;
}

export async function readDocuments(tree: ReadonlySet<string>): Promise<readonly Document[]> {
  const paths = [...tree].filter((path) => path.endsWith(".md")).toSorted();
  return await Promise.all(paths.map(async (path) => readDocument(path, await readFile(join(ROOT, path), "utf8"))));
}

export function readDocument(path: string, text: string): Document {
  const links: Named[] = [];
  const samples: Sample[] = [];
  const codes: Named[] = [];
  const passages: Passage[] = [];
  const headings: string[] = [];
  let line = 1;
  let note: string | null = null;
  for (const token of lexer(text)) {
    const start = line;
    collect(token, start, { links, samples, codes, headings }, note);
    passages.push(...passagesOf(token, start));
    note = token.type === "html" ? noteOf(token.raw) : token.type === "space" ? note : null;
    line += token.raw.split("\n").length - 1;
  }
  return { path, text, anchors: anchorsOf(headings), links, samples, codes, passages };
}

interface Collected {
  readonly links: Named[];
  readonly samples: Sample[];
  readonly codes: Named[];
  readonly headings: string[];
}

function collect(top: Token, line: number, into: Collected, note: string | null): void {
  walkTokens([top], (token) => {
    if (token.type === "link" || token.type === "image") into.links.push({ text: (token as Tokens.Link).href, line });
    if (token.type === "codespan") into.codes.push({ text: plain((token as Tokens.Codespan).text), line });
    if (token.type === "heading") into.headings.push(textOf(token));
    if (token.type === "code") {
      const { lang, text, raw } = token as Tokens.Code;
      // Inside a list the comment is part of the item.
      const before = top.raw.slice(0, Math.max(0, top.raw.indexOf(raw.trim().split("\n", 1)[0] ?? "")));
      into.samples.push({ text, line, language: (lang ?? "").split(" ", 1)[0] ?? "", note: note ?? noteOf(before) });
    }
  });
}

function noteOf(html: string): string | null {
  return /<!-- sample: (.+?) -->\s*$/s.exec(html)?.[1]?.trim() ?? null;
}

function passagesOf(top: Token, line: number): Passage[] {
  if (top.type === "table") {
    const { rows } = top as Tokens.Table;
    return rows.map((cells) => passage(cells.flatMap((cell) => cell.tokens), line));
  }
  if (top.type === "list") return (top as Tokens.List).items.map((item) => passage(item.tokens, line));
  return [passage([top], line)];
}

function passage(tokens: Token[], line: number): Passage {
  const codes: string[] = [];
  const emphases: string[] = [];
  walkTokens(tokens, (token) => {
    if (token.type === "codespan") codes.push(plain((token as Tokens.Codespan).text));
    if (token.type === "em") emphases.push(textOf(token).replaceAll(/\s+/g, " "));
  });
  return { line, codes, emphases };
}

/** What a reader sees of a token, without its marks. */
function textOf(token: Token): string {
  const inner = "tokens" in token && Array.isArray(token.tokens) ? (token.tokens as Token[]) : [];
  if (inner.length > 0) return inner.map(textOf).join("");
  return plain("text" in token ? String(token.text) : token.raw);
}

/** Marked escapes some characters for HTML. */
function plain(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

/** As GitHub makes them of headings. */
export function anchorsOf(headings: readonly string[]): ReadonlySet<string> {
  const seen = new Map<string, number>();
  return new Set(
    headings.map((heading) => {
      const slug = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}_\- ]/gu, "").replaceAll(" ", "-");
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    }),
  );
}

/** The path that a relative address of a document means, without its anchor; null when it leaves the repository. */
export function resolveFrom(document: string, address: string): string | null {
  const path = join(dirname(document), decodeURIComponent(address)).replace(/\/$/, "");
  return path.startsWith("..") ? null : path;
}
