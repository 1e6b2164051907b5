import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { AUDIT_KINDS } from "./audit-terms.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** Every place that may write to the audit trail: adapters, and triggers in the database. */
function sources(): { readonly file: string; readonly text: string }[] {
  const under = (folder: string, ending: string) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(ending) && !name.endsWith(".test.ts"))
      .map((name) => ({ file: join(folder, name), text: readFileSync(join(ROOT, folder, name), "utf8") }));
  return [...under("app/adapters/prisma", ".ts"), ...under("prisma/migrations", ".sql")];
}

/** The expressions of a select list or of VALUES, cut at the commas that stand in no bracket and no text. */
function expressions(sql: string): string[] {
  const found = [""];
  let depth = 0;
  let quoted = false;
  for (const character of sql) {
    if (character === "'") quoted = !quoted;
    if (!quoted && character === "(") depth += 1;
    if (!quoted && character === ")") depth -= 1;
    if (depth < 0) break;
    if (character === "," && depth === 0 && !quoted) found.push("");
    else found[found.length - 1] += character;
  }
  return found.map((one) => one.trim());
}

/** A kind as it is written: `*` stands for what is put in when it runs. */
function kindsWritten({ file, text }: { readonly file: string; readonly text: string }): string[] {
  const kinds: string[] = [];
  for (const insert of text.matchAll(/INSERT INTO audit_entries\s*\(([^)]*)\)\s*(?:SELECT|VALUES\s*\()\s*([^;`]*)/g)) {
    const place = (insert[1] ?? "").split(",").findIndex((column) => column.trim() === "kind");
    const expression = expressions(insert[2] ?? "")[place] ?? "";
    for (const [, literal = ""] of expression.matchAll(/'([a-z_]+)'/g)) kinds.push(expression.includes("||") ? `${literal}*` : literal);
  }
  if (!file.endsWith(".ts")) return kinds;
  // Whoever writes for others is given the kind: by name it is about the audit trail, or it takes a `kind`.
  const writers = new Set([...text.matchAll(/\b(\w*audit\w*)\b/gi), ...text.matchAll(/function (\w+)\([^{]*\bkind: string\b/g)].map(([, name = ""]) => name));
  writers.delete("audit_entries");
  for (const writer of writers) {
    for (const [, call = ""] of text.matchAll(new RegExp(`\\b${writer}\\b([^;\`]*(?:\`[^\`]*\`)?[^;\`]*);`, "g"))) {
      for (const [, kind = ""] of call.matchAll(/(?:"|`)((?:\$\{[\w.]+\}_)?[a-z]+(?:_[a-z]+)+|\$\{[\w.]+\}_[a-z_]+)(?:"|`)/g)) kinds.push(kind.replace(/\$\{[\w.]+\}/, "*"));
    }
  }
  return kinds;
}

const fits = (kind: string) => (known: string) => new RegExp(`^${kind.replace("*", "[a-z_]+")}$`).test(known);

describe("the words of the audit trail", () => {
  const written = sources().flatMap((source) => kindsWritten(source).map((kind) => ({ kind, file: source.file })));

  it("are there for every kind that the code writes", () => {
    const nameless = written.filter(({ kind }) => !Object.keys(AUDIT_KINDS).some(fits(kind)));
    expect(nameless).toEqual([]);
  });

  it("are there for nothing else, so that this test is known to see what is written", () => {
    const unwritten = Object.keys(AUDIT_KINDS).filter((known) => !written.some(({ kind }) => fits(kind)(known)));
    expect(unwritten).toEqual([]);
  });
});
