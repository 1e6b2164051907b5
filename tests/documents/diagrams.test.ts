// Every diagram of the documents is read by Mermaid itself, as the site that shows them does: one that it cannot parse is shown there as an error.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { runInThisContext } from "node:vm";

import { Window } from "happy-dom";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { type Document, readDocument, readDocuments, readTree } from "./read-documents.ts";

type Parse = (text: string) => Promise<unknown>;

let parse: Parse;
beforeAll(async () => {
  // Mermaid cleans labels by the browser's means, also when it only parses.
  const window = new Window();
  vi.stubGlobal("window", window);
  vi.stubGlobal("document", window.document);
  // Mermaid's edition for a page's script tag, in one file: it leaves itself in the global object.
  const file = createRequire(import.meta.url).resolve("@mermaid-js/tiny");
  runInThisContext(await readFile(file, "utf8"), { filename: file });
  const { mermaid } = globalThis as unknown as { readonly mermaid: { readonly parse: Parse } };
  parse = (text) => mermaid.parse(text);
});
afterAll(() => vi.unstubAllGlobals());

async function faultsOfDiagrams(documents: readonly Document[]): Promise<string[]> {
  const faults: string[] = [];
  for (const { path, samples } of documents) {
    for (const { text, line, language } of samples) {
      if (language === "mermaid") await parse(text).catch((error: unknown) => faults.push(`${path}:${line} ${String(error)}`));
    }
  }
  return faults;
}

describe("diagrams", () => {
  it("can be drawn", async () => {
    const documents = await readDocuments(await readTree());
    expect(documents.flatMap(({ samples }) => samples).filter(({ language }) => language === "mermaid").length).toBeGreaterThan(8);
    expect(await faultsOfDiagrams(documents)).toEqual([]);
  });

  it("are found when they cannot: a semicolon ends a message, call is a word of the language", async () => {
    const page = ["sequenceDiagram\n  A->>B: one; two", "flowchart TD\n  a --> call[b]\n  call --> c", "no diagram"].map((text) => `\`\`\`mermaid\n${text}\n\`\`\`\n`).join("\n");
    expect(await faultsOfDiagrams([readDocument("docs/page.md", page)])).toHaveLength(3);
  });
});
