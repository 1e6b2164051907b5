// Where the files of bulk operations lie: a plain address without a token, as on Shopify's storage, and everything that can go wrong on the way from there.
import type { Engine } from "../../engine.ts";
import type { Router, SimRequest, SimResponse } from "../../http/router.ts";
import { faultAnswer } from "../fault-answers.ts";
import type { BulkRunner } from "./runner.ts";

export function mountBulkFiles(router: Router, engine: Engine, bulk: BulkRunner): void {
  router.get("/bulk-files/:key", (request) => answer(engine, bulk, request));
}

async function answer(engine: Engine, bulk: BulkRunner, request: SimRequest): Promise<SimResponse> {
  const file = bulk.files.get(request.params["key"] ?? "");
  if (!file) return { status: 404, headers: { "content-type": "application/xml" }, body: "<Error><Code>NoSuchKey</Code></Error>" };
  const whole: SimResponse = { status: 200, headers: { "content-type": "application/jsonl" }, body: file.body };
  const fault = engine.faults.take(["bulk_file"], file.domain);
  if (!fault) return whole;
  if (fault.kind === "half_body") return { ...whole, cut: "half_body" };
  if (fault.kind === "silent") await request.closed;
  if (fault.kind !== "slow") return faultAnswer(fault, null);
  await engine.sleep(fault.delayMs);
  return whole;
}
