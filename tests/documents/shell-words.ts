// Takes a shell sample apart into its commands, as far as the checks need it: words, quotes, comments, what separates commands.

export interface ShellCommand {
  /** `NAME=value` before the command, names only. */
  readonly assigned: readonly string[];
  /** Without redirections; quotes are taken off, `$NAME` stays as it is. Empty when it only assigns. */
  readonly words: readonly string[];
  /** Within the sample, from 1. */
  readonly line: number;
}

type Piece = { readonly kind: "word" | "redirect" | "end"; readonly text: string; readonly line: number };

export function splitShell(text: string): ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  let startLine = 1;
  let skip = false;
  for (const piece of piecesOf(text)) {
    if (piece.kind === "end") {
      if (words.length > 0) commands.push(commandOf(words, startLine));
      words = [];
    } else if (piece.kind === "redirect") skip = true;
    else if (skip) skip = false;
    else {
      if (words.length === 0) startLine = piece.line;
      words.push(piece.text);
    }
  }
  return commands;
}

function commandOf(words: readonly string[], line: number): ShellCommand {
  const first = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  const assigned = (first === -1 ? words : words.slice(0, first)).map((word) => word.slice(0, word.indexOf("=")));
  return { assigned, words: first === -1 ? [] : words.slice(first), line };
}

/** In the order of the alternatives: comments, ends, redirections (`2>&1` whole), quoted and bare parts of words. */
const PIECE = /(?<blank>[ \t]+|\\\n)|(?<comment>(?<![^\s;&|])#[^\n]*)|(?<whole>\d?>&\d)|(?<redirect>\d?>>?|<<?)|(?<end>\n|&&|\|\||[;|&])|(?<word>(?:\\[^\n]|'[^']*'|"(?:\\.|[^"\\])*"|\$\([^)]*\)|[^\s;&|<>'"\\])+)/gs;

function* piecesOf(text: string): Generator<Piece> {
  let line = 1;
  for (const { 0: raw, groups = {} } of text.matchAll(PIECE)) {
    if (groups["end"] !== undefined) yield { kind: "end", text: raw, line };
    else if (groups["redirect"] !== undefined) yield { kind: "redirect", text: raw, line };
    else if (groups["word"] !== undefined) yield { kind: "word", text: unquote(raw), line };
    line += raw.split("\n").length - 1;
  }
  yield { kind: "end", text: "", line };
}

function unquote(word: string): string {
  return word.replaceAll(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs, (_, single?: string, double?: string, escaped?: string) => single ?? double?.replaceAll(/\\(["\\$`])/g, "$1") ?? escaped ?? "");
}
