// The arguments with which Node runs a service in production, for whoever starts it elsewhere: as the package's script says.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** @returns flags of Node, then the absolute path of the program. */
export function nodeArgs(service: "web" | "worker"): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };
  const [node, ...words] = scripts[service]?.split(" ") ?? [];
  const program = words.pop();
  if (node !== "node" || program === undefined) throw new Error(`the script "${service}" of package.json does not start Node`);
  return [...words, join(ROOT, program)];
}
