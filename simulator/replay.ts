// `node simulator/replay.ts`: hands a recording to a running simulator, which sends it to the app once more.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";

const USAGE =
  "usage: node simulator/replay.ts --simulator http://127.0.0.1:4100 --file webhooks.jsonl [--order recorded|triggered|reversed|shuffled] [--speed 1] [--copies 1] [--concurrency 10] [--seed 1] [--shop S] [--path P] [--json]\n";

interface Replayed {
  sent: number;
  accepted: number;
  refused: number;
  items: { webhookId: string | null; topic: string; status: number | null; failure?: string }[];
}

const text = { type: "string" } as const;
const { values } = parseArgs({
  options: { simulator: text, file: text, order: text, speed: text, copies: text, concurrency: text, seed: text, shop: text, path: text, json: { type: "boolean", default: false } },
});
const { simulator, file, order, shop, path } = values;
if (simulator === undefined || file === undefined) {
  process.stderr.write(USAGE);
  process.exit(2);
}
const number = (name: "speed" | "copies" | "concurrency" | "seed") => (values[name] === undefined ? {} : { [name]: Number(values[name]) });
const wanted = {
  recording: await readFile(file, "utf8"),
  ...(order === undefined ? {} : { order }),
  ...(shop === undefined ? {} : { shop }),
  ...(path === undefined ? {} : { path }),
  ...number("speed"),
  ...number("copies"),
  ...number("concurrency"),
  ...number("seed"),
};
const answer = await fetch(new URL("/sim/webhooks/replay", simulator), { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(wanted) });
if (!answer.ok) {
  process.stderr.write(`replay: ${answer.status} ${await answer.text()}\n`);
  process.exit(1);
}
const replayed = (await answer.json()) as Replayed;
if (values.json) process.stdout.write(`${JSON.stringify(replayed)}\n`);
else {
  for (const { webhookId, topic, status, failure } of replayed.items) process.stdout.write(`${String(status ?? failure).padEnd(12)} ${topic.padEnd(28)} ${webhookId ?? ""}\n`);
  process.stdout.write(`${replayed.sent} sent, ${replayed.accepted} accepted, ${replayed.refused} refused\n`);
}
process.exitCode = replayed.refused === 0 ? 0 : 1;
