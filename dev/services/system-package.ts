// Installs a system package when something cannot come from npm, and only after the person agreed.
import { createInterface } from "node:readline/promises";
import process from "node:process";
import { findProgram, runCommand } from "./run-command.ts";
import { say, SetupProblem } from "./say.ts";

export type SystemPackage = {
  /** What it is called in a sentence. */
  what: string;
  /** The program whose presence shows that it is installed; the first found wins. */
  programs: string[];
  /** Package name by package manager; a manager that is not listed cannot install it. */
  names: Partial<Record<PackageManager, string>>;
  /** What the person can do instead. */
  otherwise: string;
};

type PackageManager = "apt-get" | "dnf" | "apk" | "pacman" | "zypper" | "brew";

const commands: Record<PackageManager, { before?: string[]; install: string[]; asRoot: boolean }> = {
  "apt-get": { before: ["update"], install: ["install", "-y", "--no-install-recommends"], asRoot: true },
  dnf: { install: ["install", "-y"], asRoot: true },
  apk: { install: ["add", "--no-cache"], asRoot: true },
  pacman: { install: ["-S", "--noconfirm"], asRoot: true },
  zypper: { install: ["--non-interactive", "install"], asRoot: true },
  brew: { install: ["install"], asRoot: false },
};

/** The path of the first of the package's programs, installed first if need be. */
export async function ensureSystemPackage(wanted: SystemPackage): Promise<string> {
  const found = findWanted(wanted);
  if (found !== undefined) return found;
  const manager = (Object.keys(commands) as PackageManager[]).find((name) => wanted.names[name] !== undefined && findProgram(name) !== undefined);
  const name = manager === undefined ? undefined : wanted.names[manager];
  if (manager === undefined || name === undefined) throw new SetupProblem(`${wanted.what} is not installed. ${wanted.otherwise}`);

  const prefix = rootPrefix(commands[manager].asRoot);
  const line = [...(prefix ?? []), manager, ...commands[manager].install, name].join(" ");
  if (prefix === undefined) throw new SetupProblem(`${wanted.what} is not installed. As root run: ${line}\n${wanted.otherwise}`);
  if (!(await agreed(`${wanted.what} is not installed. Install it with \`${line}\`? [Y/n] `))) {
    throw new SetupProblem(`${wanted.what} is needed. Install it with \`${line}\`. ${wanted.otherwise}`);
  }
  say(`installing ${wanted.what}: ${line}`);
  const run = async (args: string[]) => {
    const [command, ...rest] = [...prefix, manager, ...args];
    return await runCommand(command ?? manager, rest, { output: "show", env: { DEBIAN_FRONTEND: "noninteractive" } });
  };
  const { before } = commands[manager];
  if (before !== undefined) await run(before);
  const result = await run([...commands[manager].install, name]);
  const program = findWanted(wanted);
  if (result.code !== 0 || program === undefined) {
    throw new SetupProblem(`${wanted.what} could not be installed (\`${line}\` ended with code ${result.code}). ${wanted.otherwise}`);
  }
  return program;
}

function findWanted(wanted: SystemPackage): string | undefined {
  // Debian and macOS put servers and browsers in folders that a plain user's PATH may lack.
  const extra = ["/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin", "/snap/bin"];
  for (const program of wanted.programs) {
    const path = findProgram(program, extra);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** What to put before the command to run it as root, or undefined when that is not possible. */
function rootPrefix(needed: boolean): string[] | undefined {
  if (!needed || process.getuid?.() === 0) return [];
  return findProgram("sudo") === undefined ? undefined : ["sudo"];
}

/** `--yes`, CI=true or no terminal to ask at: agreed. Otherwise the person is asked. */
async function agreed(question: string): Promise<boolean> {
  const ci = process.env.CI;
  if (process.argv.includes("--yes") || (ci !== undefined && ci !== "" && ci !== "false")) return true;
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = (await terminal.question(`holdfast: ${question}`)).trim().toLowerCase();
    return answer === "" || answer === "y" || answer === "yes";
  } finally {
    terminal.close();
  }
}
