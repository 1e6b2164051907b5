// Writes down, for a person who wants to know why, what a seed was judged by.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Evidence } from "./evidence.ts";
import type { Coverage } from "./faults.ts";

export async function writeEvidence(folder: string, seed: number, evidence: Evidence, coverage: Coverage): Promise<void> {
  await mkdir(folder, { recursive: true });
  const processes = evidence.processes.map(({ name, service, begunAtMs, endedAtMs, pauses }) => ({ name, service, begunAtMs, endedAtMs, pauses }));
  const { orders, truth, ...rest } = evidence;
  const document = { ...rest, processes, orders: Object.fromEntries(orders), truth: Object.fromEntries(truth), strikes: Object.fromEntries(coverage.details) };
  // Row ids are bigints here and there.
  const text = JSON.stringify(document, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value), 1);
  await writeFile(join(folder, `seed-${seed}.json`), text);
}
