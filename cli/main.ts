// The operator's command: `npm run holdfast -- <command>`. Each command is one file; this one reads the words and prints the answer.

import process from "node:process";
import { parseArgs } from "node:util";

import { composition } from "#app/composition.server.ts";
import type { Command, CommandContext } from "./command.ts";
import { doctor } from "./doctor.ts";
import { locks } from "./locks.ts";
import { parkedList } from "./parked.ts";
import { tokenCreate, tokenList, tokenRevoke } from "./token.ts";

const COMMANDS: Readonly<Record<string, Command>> = {
  "token create": tokenCreate,
  "token list": tokenList,
  "token revoke": tokenRevoke,
  "parked list": parkedList,
  locks,
  doctor,
};

/** Exit codes: 0 done, 1 the command failed or found something wrong, 2 its words are off. */
async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: process.argv.slice(2),
    allowPositionals: true,
    options: {
      shop: { type: "string" },
      label: { type: "string" },
      id: { type: "string" },
      json: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const name = [2, 1].map((words) => positionals.slice(0, words).join(" ")).find((words) => Object.hasOwn(COMMANDS, words));
  const command = name === undefined ? undefined : COMMANDS[name];
  if (!command || values.help) {
    process.stdout.write(usage());
    return command || positionals.length === 0 ? 0 : 2;
  }
  // What a command prints is its answer: nothing else may stand on standard output.
  process.env.LOG_LEVEL = "silent";
  const composed = composition("cli");
  const context: CommandContext = { composed, options: { shop: values.shop, label: values.label, id: values.id, dryRun: values["dry-run"] } };
  try {
    const answer = await command.run(context);
    process.stdout.write(values.json ? `${JSON.stringify(answer.value)}\n` : `${answer.text}\n`);
    return answer.ok ? 0 : 1;
  } catch (error) {
    process.stderr.write(`holdfast: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await composed.close();
  }
}

function usage(): string {
  const lines = Object.entries(COMMANDS).map(([name, command]) => `  ${`${name} ${command.options}`.padEnd(52)} ${command.does}`);
  return ["npm run holdfast -- <command> [--json]", "", ...lines, "", "What changes something takes --dry-run.", ""].join("\n");
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`holdfast: ${error instanceof Error ? error.message : String(error)}\n${usage()}`);
  process.exitCode = 2;
}
