// What a command tells the person while it works: on stderr, so that stdout carries a command's result and nothing else.
import process from "node:process";

export function say(message: string): void {
  process.stderr.write(`holdfast: ${message}\n`);
}

/** Something the person has to do before the command can go on: shown as one clear message, without a stack. */
export class SetupProblem extends Error {
  override readonly name = "SetupProblem";
}
