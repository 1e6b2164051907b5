// A sample receiver as a process of its own: a stock system, an alert endpoint, one like Slack's, or a mail sink.
import { parseArgs } from "node:util";
import { startAlertReceiver } from "./alert-receiver.ts";
import { startMailSink } from "./mail-sink.ts";
import { startStockSystem } from "./stock-system.ts";

const { values } = parseArgs({
  options: {
    kind: { type: "string", default: "stock" },
    port: { type: "string", default: "0" },
    secret: { type: "string" },
    /** Of all requests, how many go wrong. */
    rate: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
  },
});

const common = {
  port: Number(values.port),
  mischief: { seed: Number(values.seed), rate: Number(values.rate) },
  ...(values.secret === undefined ? {} : { secret: values.secret }),
};

const receiver = await start(values.kind);
process.stdout.write(`${values.kind} receiver: ${"url" in receiver ? receiver.url : receiver.origin}\n`);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    void receiver.close().then(() => process.exit(0));
  });
}

function start(kind: string) {
  if (kind === "stock") return startStockSystem(common);
  if (kind === "webhook" || kind === "slack") return startAlertReceiver({ ...common, kind });
  if (kind === "mail") return startMailSink(common);
  throw new Error(`--kind is stock, webhook, slack or mail, not ${kind}.`);
}
