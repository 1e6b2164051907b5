// The operator's command: `npm run holdfast -- <command>`. Each command is one file; this one reads the words and prints the answer.

import process from "node:process";
import { parseArgs } from "node:util";

import { composition } from "#app/composition.server.ts";
import { alertsList, alertsRetry, alertsSecret, alertsTest } from "./alerts.ts";
import { backfill } from "./backfill.ts";
import { printable, unknownOption, type Command, type CommandContext, type CommandOptions } from "./command.ts";
import { conflictsDismiss, conflictsRepair, conflictsUndo, driftCorrect, driftDismiss, driftList, driftUndo } from "./corrections.ts";
import { deliveriesList, deliveriesReplay } from "./deliveries.ts";
import { doctor } from "./doctor.ts";
import { externalList, externalQueue, externalRetry, externalSecret, externalSkip } from "./external.ts";
import { keysRotate } from "./keys.ts";
import { locks } from "./locks.ts";
import { oversellsHandled, oversellsHold, oversellsList, oversellsRelease } from "./oversells.ts";
import { parkedDiscard, parkedList, parkedResolve, parkedRetry } from "./parked.ts";
import { reconcile } from "./reconcile.ts";
import { reservationsDecide, reservationsList, reservationsRelease, reservationsReleaseAll, reservationsShow } from "./reservations.ts";
import { seed } from "./seed.ts";
import { restored } from "./restored.ts";
import { shadow } from "./shadow.ts";
import { tokenCreate, tokenList, tokenRevoke } from "./token.ts";
import { untilConnected } from "./until-connected.ts";

const COMMANDS: Readonly<Record<string, Command>> = {
  "token create": tokenCreate,
  "token list": tokenList,
  "token revoke": tokenRevoke,
  "deliveries list": deliveriesList,
  "deliveries replay": deliveriesReplay,
  "parked list": parkedList,
  "parked retry": parkedRetry,
  "parked discard": parkedDiscard,
  "parked resolve": parkedResolve,
  "oversells list": oversellsList,
  "oversells hold": oversellsHold,
  "oversells release": oversellsRelease,
  "oversells handled": oversellsHandled,
  "reservations list": reservationsList,
  "reservations show": reservationsShow,
  "reservations release": reservationsRelease,
  "reservations release-all": reservationsReleaseAll,
  "reservations decide": reservationsDecide,
  "external list": externalList,
  "external retry": externalRetry,
  "external skip": externalSkip,
  "external secret": externalSecret,
  "external queue": externalQueue,
  shadow,
  "alerts list": alertsList,
  "alerts retry": alertsRetry,
  "alerts test": alertsTest,
  "alerts secret": alertsSecret,
  reconcile,
  "drift list": driftList,
  "drift correct": driftCorrect,
  "drift dismiss": driftDismiss,
  "drift undo": driftUndo,
  "conflicts repair": conflictsRepair,
  "conflicts dismiss": conflictsDismiss,
  "conflicts undo": conflictsUndo,
  backfill,
  restored,
  "keys rotate": keysRotate,
  locks,
  seed,
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
      id: { type: "string", multiple: true },
      item: { type: "string" },
      since: { type: "string" },
      reason: { type: "string" },
      why: { type: "string" },
      state: { type: "string" },
      order: { type: "string" },
      cursor: { type: "string" },
      limit: { type: "string" },
      all: { type: "boolean", default: false },
      applied: { type: "boolean", default: false },
      "not-applied": { type: "boolean", default: false },
      sold: { type: "boolean", default: false },
      back: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      products: { type: "string" },
      orders: { type: "string" },
      remove: { type: "boolean", default: false },
      "from-start": { type: "boolean", default: false },
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
  const unknown = unknownOption(command, values);
  if (unknown !== null) {
    process.stderr.write(`holdfast: ${name} does not take ${unknown}; it takes ${command.options}\n`);
    return 2;
  }
  // What a command prints is its answer: nothing else may stand on standard output.
  process.env.LOG_LEVEL = "silent";
  const composed = composition("cli");
  const { shop, label, id: ids = [], item, since, reason, why, state, order, cursor, limit, all, applied, sold, back, products, orders, remove } = values;
  const options: CommandOptions = { shop, label, id: ids[0], item, ids, since, reason, why, state, order, cursor, limit, all, applied, notApplied: values["not-applied"], sold, back, fromStart: values["from-start"], products, orders, remove, dryRun: values["dry-run"] };
  const context: CommandContext = { composed, options };
  try {
    await untilConnected(composed);
    const answer = await command.run(context);
    process.stdout.write(values.json ? `${JSON.stringify(answer.value)}\n` : `${printable(answer.text)}\n`);
    return answer.ok ? 0 : 1;
  } catch (error) {
    process.stderr.write(`holdfast: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await composed.close();
  }
}

const COMMAND_WIDTH = 92;

function usage(): string {
  const lines = Object.entries(COMMANDS).map(([name, command]) => `  ${`${name} ${command.options}`.padEnd(COMMAND_WIDTH)} ${command.does}`);
  return ["npm run holdfast -- <command> [--json]", "", ...lines, "", "What changes something takes --dry-run.", ""].join("\n");
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`holdfast: ${error instanceof Error ? error.message : String(error)}\n${usage()}`);
  process.exitCode = 2;
}
