// Every diagram of the documents is read by Mermaid itself, as the site that shows them does: one that it cannot parse is shown there as an error.
import { Window } from "happy-dom";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { type Document, readDocument, readDocuments, readTree } from "./read-documents.ts";

// Each kind of diagram is loaded when it is first met.
vi.setConfig({ testTimeout: 60_000 });

let parse: (text: string) => Promise<unknown>;
beforeAll(async () => {
  // Mermaid cleans labels by the browser's means, also when it only parses.
  const window = new Window();
  vi.stubGlobal("window", window);
  vi.stubGlobal("document", window.document);
  const { default: mermaid } = await import("mermaid");
  parse = (text) => mermaid.parse(text);
}, 60_000);
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
