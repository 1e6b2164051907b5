// Writes the list of crash points for people: docs/reference/crash-points.md, made of the rows that the tests run through.
import type { Chain, Link } from "./chain.ts";
import { CHAINS } from "./chains.ts";
import { COMMAND_SCENARIOS } from "./command-scenarios.ts";
import { COMMAND_ROWS, PAUSES, WEB_ROWS, WORKER_ROWS, type Aftermath, type CommandRow, type WebRow, type WorkerRow } from "./crash-points.ts";
import { TOLD_ELSEWHERE } from "./told-elsewhere.ts";
import { WEB_SCENARIOS } from "./web-scenarios.ts";
import { WORKER_SCENARIOS } from "./worker-scenarios.ts";

type Row = WorkerRow | WebRow | CommandRow;

const INTRODUCTION = `# Crash points

Every place where a process of Holdfast can die between two things that last: before and after each durable write and each call to the
outside. \`app/steps.ts\` names the steps; a port's new method must be named there before it compiles, and
\`tests/architecture/crash-points.test.ts\` fails when a step has no row here or this list is not what the tests run through.

Each row is two tests. The process is killed at the point by SIGKILL, with nothing of it running in between; it is started again and knows
of nothing; and the shop must end with nothing pending, nothing parked without need, and ledger, audit trail and Shopify agreeing, change by
change. \`tests/chaos/crash/worker.test.ts\` does it to workers, \`web.test.ts\` to the web process, \`commands.test.ts\` to the operator's
commands. Waits are ten times shorter than in life. A test's title is *before* or *after*, the step, and the situation.

"Left" is what PostgreSQL holds of the shop's orders, changes and calls at that moment (a call with its attempts' outcomes), checked by the
test; where nothing stands, something else of the process goes on beside the step and it differs from run to run, or it is none of these.
`;

const CHAINED = `## A worker killed again and again on one piece of work

Each step is two tests here, too: the process is killed before it and after it, by SIGKILL; the next one is started on what the dead one left,
and is killed at the next point. The last one is left alone, and the work must end as if nobody had died: one incident, one hold, each message
told once, each push taken once, each mismatch found once; and ledger, audit trail and Shopify agree (\`tests/chaos/crash/*-chain.test.ts\`).
Leases of the dead are ended by hand.

`;

const ELSEWHERE = `## Told elsewhere

No process is killed at these steps; the test that is named shows what it says.

| step | what is proved | who finds it | test |
|---|---|---|---|
`;

const PAUSED = `## Points at which a worker sleeps

A worker stops itself there (SIGSTOP) for longer than its lease, its sign of life and the call's own time; a second one brings the shop to its
end; then the first one wakes up. Nothing may change any more, and two requests for one item are never in flight at once
(\`tests/chaos/crash/pauses.test.ts\`).

`;

export function writeCrashPointList(): string {
  const pauses = PAUSES.map(({ moment, step, scenario }) => `| ${moment} | \`${step}\` | ${WORKER_SCENARIOS[scenario].title} |`);
  return [
    INTRODUCTION,
    section("A worker killed", WORKER_ROWS),
    section("The web process killed", WEB_ROWS),
    section("A command killed", COMMAND_ROWS),
    CHAINED + CHAINS.map(chained).join("\n"),
    `${ELSEWHERE}${TOLD_ELSEWHERE.map(({ step, proved, found, test }) => `| \`${step}\` | ${proved} | ${found} | \`${test.file}\`: ${test.title} |`).join("\n")}\n`,
    `${PAUSED}| moment | step | situation |\n|---|---|---|\n${pauses.join("\n")}\n`,
  ].join("\n");
}

function section(title: string, rows: readonly Row[]): string {
  const lines = rows.map((row) => `| \`${row.step}\` | ${titleOf(row)} | ${told(row.before)} | ${told(row.after)} | ${foundBy(row)} |`);
  return `## ${title}\n\n| step | situation | left before | left after | who finds it |\n|---|---|---|---|---|\n${lines.join("\n")}\n`;
}

function chained({ title, links }: Chain): string {
  const lines = links.map(({ step, found }) => `| \`${step}\` | ${finders(found)} |`);
  return `### ${title[0]?.toUpperCase() ?? ""}${title.slice(1)}\n\n| step | who finds it |\n|---|---|\n${lines.join("\n")}\n`;
}

function finders(found: Link["found"]): string {
  return typeof found === "string" ? found : `before: ${found[0]}; after: ${found[1]}`;
}

function titleOf(row: Row): string {
  switch (row.process) {
    case "worker":
      return WORKER_SCENARIOS[row.scenario].title;
    case "web":
      return WEB_SCENARIOS[row.scenario].title;
    case "cli":
      return COMMAND_SCENARIOS[row.scenario].title;
  }
}

function told({ leaves }: Aftermath): string {
  if (leaves === null) return "";
  return leaves === "" ? "notifications only" : leaves;
}

function foundBy({ before, after }: Row): string {
  return before.found === after.found ? before.found : `before: ${before.found}; after: ${after.found}`;
}
