// `node simulator/record.ts`: stands before an app, hands everything on, and writes the webhooks to a file that can be replayed.
import process from "node:process";
import { parseArgs } from "node:util";
import { startRecorder } from "./webhooks/recorder.ts";

const USAGE = "usage: node simulator/record.ts --to http://127.0.0.1:3000 --file webhooks.jsonl [--port 4200]\n";

const { values } = parseArgs({ options: { to: { type: "string" }, file: { type: "string" }, port: { type: "string" } } });
if (values.to === undefined || values.file === undefined) {
  process.stderr.write(USAGE);
  process.exit(2);
}
const recorder = await startRecorder({ to: values.to, file: values.file, port: Number(values.port ?? 0) });
process.stdout.write(`recording: ${recorder.origin} → ${values.to}; webhooks go to ${values.file}, without customers\n`);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    void recorder.close().then(() => {
      process.stdout.write(`recorded: ${recorder.recorded}\n`);
      process.exit(0);
    });
  });
}
