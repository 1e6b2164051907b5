// The check of commands: each one in the documents names scripts, files, flags, services and addresses that there are.
import type { CommandFacts } from "./command-facts.ts";
import type { Document } from "./read-documents.ts";
import { splitShell } from "./shell-words.ts";

/** Programs of the machine or of a host, whose words are not ours to check. */
const OF_THE_MACHINE = new Set([
  ".", "apt-get", "brew", "cat", "chmod", "cp", "createdb", "df", "dropdb", "echo", "export", "grep", "head", "jq", "kill", "mkdir", "npx", "openssl", "pg_basebackup", "pg_dump", "pg_restore",
  "ps", "psql", "redis-cli", "rm", "set", "sleep", "sort", "tail", "tar", "uniq", "unset", "wait", "wc", "xargs",
  // Hosts, load and pictures: each has its own documents.
  "flyctl", "fly", "gh", "git", "heroku", "k6", "promtool",
]);
/** Scripts whose words go to another program. */
const PASSED_ON = new Set(["test", "vite", "shopify", "prisma", "generate", "deploy", "dev", "typecheck", "lint", "graphql-codegen", "env"]);
const NPM_ITSELF = new Set(["install", "ci", "audit", "ls", "view", "pack", "outdated", "update", "exec"]);

export async function faultsOfCommands(documents: readonly Document[], facts: CommandFacts): Promise<string[]> {
  const faults: string[] = [];
  for (const { path, samples, codes } of documents) {
    for (const { text, line, language } of samples) {
      if (language !== "sh") continue;
      // Where the reader stands: at the root, until the sample goes elsewhere.
      let folder = "";
      for (const { words, line: offset } of splitShell(text)) {
        if (words[0] === "cd") folder = (words[1] ?? "").replace(/\/$/, "");
        else for (const fault of await faultsOf(words, folder, facts)) faults.push(`${path}:${line + offset} ${words.slice(0, 4).join(" ")}: ${fault}`);
      }
    }
    const own = packageOf(path, facts);
    for (const { text, line } of codes) {
      for (const words of commandsNamed(text, facts)) {
        // A package's own pages name its scripts as one who stands in it.
        const found = [await faultsOf(words, "", facts), own === "" ? null : await faultsOf(words, own, facts)].find((each) => each?.length === 0) ?? (await faultsOf(words, "", facts));
        for (const fault of found) faults.push(`${path}:${line} \`${text}\`: ${fault}`);
      }
    }
  }
  return faults;
}

function packageOf(document: string, { packages }: CommandFacts): string {
  return [...packages.keys()].find((folder) => folder !== "" && document.startsWith(`${folder}/`)) ?? "";
}

/** What a name in back-ticks says as a command; nothing when it is none. There `a|b` means one of them, and brackets what may be left out. */
function commandsNamed(code: string, { operator }: CommandFacts): string[][] {
  const text = code.replaceAll(/[[\]()…]/g, " ").replaceAll(/<[^>]*>/g, "X").replaceAll("\\|", "|").replaceAll(/(?<=\S)\|(?=\S)/g, ONE_OF).replaceAll("?", "").trim();
  const spoken = (words: readonly string[]) => words.map((word) => word.replaceAll(ONE_OF, "|"));
  if (/^(npm (run|test|start|ci|install)|npx|node|docker compose)( |$)/.test(text)) return splitShell(text).filter(({ words }) => words.length > 1).map(({ words }) => spoken(words));
  const words = spoken(text.split(/\s+/));
  const [first = "", second = ""] = words;
  // `locks` and `doctor` alone are words, too: only what has two words, or goes on with flags, is surely meant as a command.
  const meant = second.split("|").some((word) => operator.has(`${first} ${word}`)) || (operator.has(first) && second.startsWith("--"));
  return meant ? [["holdfast", ...words]] : [];
}

/** Stands for the bar between alternatives while a command is taken apart at its pipes. */
const ONE_OF = "\u2758";

async function faultsOf(words: readonly string[], folder: string, facts: CommandFacts): Promise<string[]> {
  const [program = "", ...rest] = words;
  if (program === "") return [];
  if (program === "npm") return await faultsOfNpm(rest, folder, facts);
  if (program === "holdfast") return faultsOfOperator(rest, facts);
  if (program === "node") return await faultsOfNode(rest, folder, facts);
  // The project's own Node, where the machine's is older.
  if (program === "npx" && rest[0] === "node") return await faultsOfNode(rest.slice(1), folder, facts);
  if (program === "npx") return rest.filter((word) => !word.startsWith("-")).slice(0, 1).flatMap((name) => (facts.programs.has(name) ? faultsOfFiles(rest.slice(1), facts) : [`${name} is not installed with the project`]));
  if (program === "curl") return faultsOfCurl(rest, facts);
  if (program === "docker") return faultsOfDocker(rest, facts);
  if (program === "k6") return faultsOfFiles(rest, facts);
  return OF_THE_MACHINE.has(program) ? [] : [`${program} is none of the commands that the documents use`];
}

async function faultsOfNpm(words: readonly string[], folder: string, facts: CommandFacts): Promise<string[]> {
  const [verb = "", name = ""] = words;
  if (NPM_ITSELF.has(verb)) return [];
  const script = verb === "run" || verb === "run-script" ? name : verb;
  // A folder that is not ours is the reader's.
  const scripts = facts.packages.get(folder);
  if (scripts === undefined) return [];
  const command = scripts.get(script);
  if (command === undefined) return script === "" ? [] : [`there is no script ${script}`];
  const args = words.slice(words.indexOf("--") === -1 ? words.length : words.indexOf("--") + 1);
  if (verb === "run" && words.length > 2 && words[2] !== "--" && words[2]?.startsWith("--")) return ["npm itself takes words before --"];
  if (script === "holdfast") return faultsOfOperator(args, facts);
  if (script === "bench") return faultsOfBench(args, facts);
  if (PASSED_ON.has(script)) return faultsOfFiles(args, facts);
  return faultsOfFlags(await sourceOf(command, folder, facts), args);
}

/** What a script's file says, and the file that it hands over to. */
async function sourceOf(command: string, folder: string, facts: CommandFacts): Promise<string> {
  const [, file = "", task = ""] = /node (\S+)(?: (\w+))?/.exec(command) ?? [];
  const files = [within(folder, file), `dev/${task}.ts`, `dev/${task}/${task}-settings.ts`, `${task}/main.ts`].filter((path) => facts.tree.has(path));
  return (await Promise.all(files.map((path) => facts.sourceOf(path)))).join("\n");
}

async function faultsOfNode(words: readonly string[], folder: string, facts: CommandFacts): Promise<string[]> {
  const files = words.filter((word, index) => /\.(ts|mjs|js)$/.test(word) && (!word.startsWith("-") || words[index - 1] === "--import")).map((word) => within(folder, word));
  const missing = files.filter((file) => !facts.tree.has(file)).map((file) => `there is no ${file}`);
  const [file] = files;
  if (missing.length > 0 || file === undefined) return missing;
  const sources = await Promise.all(files.map((each) => facts.sourceOf(each)));
  const last = words.findLastIndex((word) => /\.(ts|mjs|js)$/.test(word));
  return faultsOfFlags(sources.join("\n"), words.slice(last + 1));
}

function within(folder: string, file: string): string {
  const path = file.replace(/^\.\//, "");
  return folder === "" ? path : `${folder}/${path}`;
}

const flagsOf = (words: readonly string[]): string[] => words.filter((word) => /^--[a-z]/.test(word)).flatMap((word) => word.split("|")).filter((word) => word.startsWith("--")).map((word) => word.split("=")[0] ?? "");

function faultsOfFlags(source: string, words: readonly string[]): string[] {
  return flagsOf(words).filter((flag) => !new RegExp(`(["'\`]?)${flag.slice(2)}\\1\\s*[:,]|["'\`]${flag}["'\`=]`).test(source)).map((flag) => `takes no ${flag}`);
}

function faultsOfOperator(words: readonly string[], { operator }: CommandFacts): string[] {
  const [first = "", second = ""] = words;
  if (first === "" || first === "X" || first.startsWith("--")) return [];
  const ofTwo = second.split("|").map((word) => `${first} ${word}`);
  const names = ofTwo.some((name) => operator.has(name)) ? ofTwo : operator.has(first) ? [first] : [`${first} ${second}`];
  const unknown = names.filter((name) => !operator.has(name)).map((name) => `the operator's command has no ${name}`);
  if (unknown.length > 0) return unknown;
  // Of alternatives, a flag belongs to those that take it.
  return flagsOf(words).filter((flag) => !names.some((name) => operator.get(name)?.has(flag))).map((flag) => `${names.join(", ")} takes no ${flag}`);
}

function faultsOfBench([name = "", ...rest]: readonly string[], { benches }: CommandFacts): string[] {
  if (name === "" || name === "X" || name.startsWith("--")) return [];
  const flags = benches.get(name);
  return flags === undefined ? [`there is no benchmark ${name}`] : flagsOf(rest).filter((flag) => !flags.has(flag)).map((flag) => `${name} takes no ${flag}`);
}

function faultsOfCurl(words: readonly string[], { routes }: CommandFacts): string[] {
  const addresses = words.filter((word) => /^(https?:\/\/|"?\$\{?[A-Z_]+\}?\/)/.test(word));
  if (addresses.length === 0) return ["names no address"];
  return addresses.flatMap((address) => {
    const path = address.replace(/^(https?:\/\/[^/]+|\$\{?[A-Z_]+\}?)/, "").replace(/[?#].*$/, "");
    return path === "" || routes.some((route) => route.test(path)) ? [] : [`nobody answers ${path}`];
  });
}

function faultsOfDocker(words: readonly string[], { composeServices, composeProfiles, tree }: CommandFacts): string[] {
  if (words[0] !== "compose") return words[0] === "build" && !tree.has("Dockerfile") ? ["there is no Dockerfile"] : [];
  const rest = words.slice(1);
  const profiles = rest.flatMap((word, index) => (word === "--profile" ? [rest[index + 1] ?? ""] : []));
  const verbs = ["up", "logs", "restart", "stop", "start", "exec", "run", "ps", "pull"];
  const verb = rest.findIndex((word) => verbs.includes(word));
  const named = verb === -1 ? [] : rest.slice(verb + 1).filter((word) => /^[a-z][a-z-]*$/.test(word));
  const services = rest[verb] === "exec" || rest[verb] === "run" ? named.slice(0, 1) : named;
  return [...profiles.filter((name) => !composeProfiles.has(name)).map((name) => `compose.yml has no profile ${name}`), ...services.filter((name) => !composeServices.has(name)).map((name) => `compose.yml has no service ${name}`)];
}

/** Words that look like files of the repository. */
function faultsOfFiles(words: readonly string[], { tree }: CommandFacts): string[] {
  return words.filter((word) => /^[\w.-]+(\/[\w.-]+)+\.(ts|tsx|js|json|yml)$/.test(word) && !tree.has(word)).map((word) => `there is no ${word}`);
}
