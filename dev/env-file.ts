// The developer's .env as the step before `shopify app dev` edits it: the person's own lines stay, ours stand in a block that is replaced.

const BLOCK_BEGIN = "# >>> services for `shopify app dev`, rewritten at each start; a line of yours outside this block wins";
const BLOCK_END = "# <<<";

/** Values that the person set, outside of our block; empty ones count as not set. */
export function ownValues(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of withoutBlock(text).split("\n")) {
    const match = /^\s*(?:export\s+)?([A-Z_][A-Z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
    const [name, value] = [match?.[1], match?.[2]?.replace(/^(["'])(.*)\1$/, "$2")];
    if (name !== undefined && value !== undefined && value !== "") values.set(name, value);
  }
  return values;
}

/** Adds a line of the person's own, unless there is one; a line without a value is filled in where it stands. */
export function withOwnValue(text: string, name: string, value: string): string {
  if (ownValues(text).has(name)) return text;
  const empty = new RegExp(`^${name}\\s*=\\s*$`, "m");
  if (empty.test(withoutBlock(text))) return text.replace(empty, `${name}=${value}`);
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${name}=${value}\n`;
}

/** Replaces our block by these values; none of them: no block. */
export function withBlock(text: string, values: Readonly<Record<string, string>>): string {
  const own = withoutBlock(text);
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}`);
  if (lines.length === 0) return own;
  return `${own}${own === "" || own.endsWith("\n") ? "" : "\n"}${[BLOCK_BEGIN, ...lines, BLOCK_END].join("\n")}\n`;
}

function withoutBlock(text: string): string {
  const begin = text.indexOf(BLOCK_BEGIN);
  if (begin === -1) return text;
  const end = text.indexOf(BLOCK_END, begin + BLOCK_BEGIN.length);
  return text.slice(0, begin) + (end === -1 ? "" : text.slice(end + BLOCK_END.length).replace(/^\n/, ""));
}
