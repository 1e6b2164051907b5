// The check of code samples: each is parsed, stands word for word in a file that is run or type-checked, is taken from the page by a test, or says why it is neither.
import { execFileSync } from "node:child_process";

import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";

import type { Document, Sample } from "./read-documents.ts";

/** Drawings of lines and boxes, answers of a program. */
const PICTURES = new Set(["", "text"]);

export async function faultsOfSamples(documents: readonly Document[], read: (path: string) => Promise<string>): Promise<string[]> {
  const faults: string[] = [];
  for (const document of documents) {
    for (const sample of document.samples) {
      const fault = await faultOf(sample, document, read);
      if (fault !== null) faults.push(`${document.path}:${sample.line} a sample ${fault}`);
    }
  }
  return faults;
}

async function faultOf(sample: Sample, document: Document, read: (path: string) => Promise<string>): Promise<string | null> {
  if (sample.note !== null) return await faultOfNote(sample, document, read);
  switch (sample.language) {
    case "sh":
      return faultOfShell(sample.text);
    case "json":
      return faultOfParsing(() => JSON.parse(withoutGaps(sample.text)));
    case "jsonc":
      // Several shapes may stand below each other.
      return faultOfParsing(() => JSON.parse(`[${withoutGaps(sample.text).replaceAll(/\}\s*\n\s*\{/g, "},{")}]`));
    case "yaml":
      return faultOfParsing(() => parseYaml(sample.text));
    case "toml":
      return faultOfParsing(() => parseToml(sample.text));
    case "mermaid":
      return null;
    default:
      if (PICTURES.has(sample.language)) return /^\s*(npm|npx|node|curl|docker|psql) /m.test(sample.text) ? "holds a command and is not marked as sh" : null;
      return `in ${sample.language} has no comment <!-- sample: … --> that says how it is checked`;
  }
}

/** `from FILE`: its lines stand there, one below the other. `run by FILE`: a test that takes it out of the page. `shape: why`: an outline. */
async function faultOfNote({ note, text }: Sample, document: Document, read: (path: string) => Promise<string>): Promise<string | null> {
  const [, kind = "", rest = ""] = /^(from|run by|shape:) ?(.*)$/s.exec(note ?? "") ?? [];
  if (kind === "from") return withoutIndentation(await read(rest)).includes(withoutIndentation(text)) ? null : `does not stand in ${rest} any more`;
  if (kind === "run by") return (await read(rest)).includes(document.path.split("/").at(-1) ?? "") ? null : `is not taken from this page by ${rest}`;
  return kind === "shape:" && rest.length > 10 ? null : "has a comment that says neither where it stands, nor what runs it, nor why it is a shape only";
}

function withoutIndentation(text: string): string {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "").join("\n");
}

function faultOfShell(text: string): string | null {
  try {
    execFileSync("sh", ["-n"], { input: text, stdio: ["pipe", "ignore", "pipe"] });
    return null;
  } catch (error) {
    return `is no shell: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`;
  }
}

/** Comments, and `…` where something is left out. */
function withoutGaps(text: string): string {
  const bare = text.replaceAll(/("(?:\\.|[^"\\])*")|\/\/[^\n]*/g, (_, string?: string) => string ?? "");
  return bare.replaceAll(/("(?:\\.|[^"\\])*")|,?\s*…/g, (_, string?: string) => string ?? "");
}

function faultOfParsing(parse: () => unknown): string | null {
  try {
    parse();
    return null;
  } catch (error) {
    return `cannot be parsed: ${error instanceof Error ? error.message : String(error)}`;
  }
}
