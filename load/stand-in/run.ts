// `node --import ./load/stand-in/register.ts load/stand-in/run.ts <script> [--vus N] [--iterations N]`: a script of load/ without k6. It measures nothing; it shows that the script works.
import process from "node:process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { record, where } from "./k6.ts";

interface Script {
  options: { thresholds?: Record<string, string[]> };
  setup?: () => unknown;
  default: (data: unknown) => void;
  teardown?: (data: unknown) => void;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { vus: { type: "string", default: "3" }, iterations: { type: "string", default: "2" } } });
const [file] = positionals;
if (file === undefined) throw new Error("which script?");
const script = (await import(pathToFileURL(file).href)) as Script;

const data = script.setup?.();
for (let vu = 1; vu <= Number(values.vus); vu += 1) {
  for (let iteration = 0; iteration < Number(values.iterations); iteration += 1) {
    Object.assign(where, { vu, iteration });
    script.default(data);
  }
}
script.teardown?.(data);

const failedChecks = [...record.checks].filter(([, { failed }]) => failed > 0).map(([name]) => name);
const unexpected = record.requests.filter(({ expected }) => !expected);
/** Only what counts and does not measure: `name: ["count==0"]`. */
const broken = Object.entries(script.options.thresholds ?? {}).flatMap(([name, rules]) => (rules.includes("count==0") && (record.counters.get(name) ?? 0) !== 0 ? [name] : []));
const ok = failedChecks.length === 0 && unexpected.length === 0 && broken.length === 0;
process.stdout.write(
  `${JSON.stringify({ ok, checks: Object.fromEntries(record.checks), counters: Object.fromEntries(record.counters), requests: record.requests.length, failedChecks, unexpected: unexpected.slice(0, 5), broken })}\n`,
);
process.exit(ok ? 0 : 1);
