// Runs one command to its end: the building block of installing, generating, migrating and building.
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

export type CommandResult = { code: number; output: string };

export type CommandOptions = {
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** "show" lets the person read along (on stderr); "keep" returns the output instead. */
  output?: "show" | "keep";
  signal?: AbortSignal;
};

/** Ends with code 127 when the command does not exist, as a shell would. */
export async function runCommand(command: string, args: string[], options: CommandOptions = {}): Promise<CommandResult> {
  const show = options.output === "show";
  return await new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? process.cwd(),
      env: { ...process.env, ...options.env },
      stdio: show ? ["ignore", 2, 2] : ["ignore", "pipe", "pipe"],
      signal: options.signal,
    });
    let output = "";
    child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    child.once("error", (error) => resolve({ code: 127, output: `${output}${error.message}` }));
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The full path of a program on the PATH (or in one of the extra folders), or undefined. */
export function findProgram(name: string, extraFolders: string[] = []): string | undefined {
  for (const folder of [...(process.env.PATH ?? "").split(delimiter), ...extraFolders]) {
    if (folder === "") continue;
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
