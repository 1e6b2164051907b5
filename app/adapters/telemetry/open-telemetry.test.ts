import { execFileSync } from "node:child_process";

import { InMemorySpanExporter } from "@opentelemetry/sdk-trace";
import { describe, expect, it } from "vitest";

import { UNTRACED } from "#app/ports/tracing.ts";
import { openTracing } from "./open-telemetry.server.ts";

const STORED = "0af7651916cd43dd8448eb211c80319c";
const OTHER = "b9c7c989f97918e1d7d6e3a5c1d2e4f6";

function opened(sampledRatio = 1) {
  const exporter = new InMemorySpanExporter();
  return { tracing: openTracing({ serviceName: null, sampledRatio }, { service: "worker", exporter }), spans: () => exporter.getFinishedSpans() };
}

describe("tracing that is off", () => {
  it("loads nothing of OpenTelemetry's SDK into a process; switched on it does", { timeout: 60_000 }, () => {
    const script = `
      import { Module } from "node:module";
      const { openTracing } = await import("./app/adapters/telemetry/open-telemetry.server.ts");
      const loadedCount = () => Object.keys(Module._cache).filter((path) => /@opentelemetry.(sdk|exporter|otlp|resources)/.test(path)).length;
      await openTracing(null, { service: "web" }).span("x", {}, async () => {});
      const off = loadedCount();
      openTracing({ serviceName: null, sampledRatio: 1 }, { service: "web" });
      process.stdout.write(JSON.stringify([off, loadedCount() > 0]));`;
    expect(execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" })).toBe("[0,true]");
  });

  it("runs the work and nothing else", async () => {
    expect(openTracing(null, { service: "web" })).toBe(UNTRACED);
    expect(await UNTRACED.span("x", { begins: STORED }, async (span) => (span.add({ a: 1 }), "done"))).toBe("done");
    expect(UNTRACED.current()).toBeNull();
  });
});

describe("a trace", () => {
  it("begins under the id that is stored, and is continued by who knows nothing but that id", async () => {
    const web = opened();
    await web.tracing.span("accept", { begins: STORED }, () => Promise.resolve());
    const worker = opened();
    await worker.tracing.span("turn", { partOf: STORED }, () => worker.tracing.span("claim", {}, () => Promise.resolve()));
    const [accept] = web.spans();
    const [claim, turn] = worker.spans();
    expect([accept, claim, turn].map((span) => span?.spanContext().traceId)).toEqual([STORED, STORED, STORED]);
    expect(accept?.parentSpanContext).toBeUndefined();
    expect(turn?.parentSpanContext?.spanId).toBe(accept?.spanContext().spanId);
    expect(claim?.parentSpanContext?.spanId).toBe(turn?.spanContext().spanId);
  });

  it("takes an id that is written as a UUID for the same digits, and what is no id for none", async () => {
    const { tracing, spans } = opened();
    await tracing.span("scan", { alone: true, partOf: "0af76519-16cd-43dd-8448-eb211c80319c" }, () => Promise.resolve());
    await tracing.span("scan", { alone: true, partOf: "not-an-id" }, () => Promise.resolve());
    expect(spans()[0]?.spanContext().traceId).toBe(STORED);
    expect(spans()[1]?.parentSpanContext).toBeUndefined();
  });

  it("is not begun by work that belongs to none", async () => {
    const { tracing, spans } = opened();
    await tracing.span("wake", {}, () => Promise.resolve());
    tracing.past("lock wait", { durationMs: 5 }, {});
    tracing.event("transaction conflict", {});
    expect(spans()).toEqual([]);
  });

  it("names the other traces that a piece of work was done for, each once", async () => {
    const { tracing, spans } = opened();
    await tracing.span("store", { partOf: STORED, alsoFor: [OTHER, OTHER, STORED, "x"] }, () => Promise.resolve());
    expect(spans()[0]?.links.map(({ context }) => context.traceId)).toEqual([OTHER]);
  });

  it("shows work of another trace as what it is: over its own time, with its place named", async () => {
    const { tracing, spans } = opened();
    tracing.past("change applied", { durationMs: 250, endedAgoMs: 1_000 }, { partOf: STORED, of: { traceId: OTHER, spanId: "00f067aa0ba902b7" } });
    const [view] = spans();
    expect(view?.links[0]?.context).toMatchObject({ traceId: OTHER, spanId: "00f067aa0ba902b7" });
    expect((view?.duration[0] ?? 0) * 1_000 + (view?.duration[1] ?? 0) / 1e6).toBeCloseTo(250, 0);
  });

  it("keeps of an error its name and not its words, which may quote what a customer wrote", async () => {
    const { tracing, spans } = opened();
    await expect(tracing.span("store", { begins: STORED }, () => Promise.reject(new RangeError("value buyer@example.com")))).rejects.toThrow("buyer");
    expect(spans()[0]?.attributes).toEqual({ "error.type": "RangeError" });
    expect(JSON.stringify([spans()[0]?.status, spans()[0]?.events])).not.toContain("buyer");
  });

  it("is kept or dropped as a whole by its id alone, whichever process decides", async () => {
    const kept = new Set<string>();
    for (const { tracing, spans } of [opened(0.5), opened(0.5)]) {
      for (let count = 0; count < 40; count += 1) await tracing.span("turn", { partOf: `${count.toString(16).padStart(2, "0").repeat(4)}${count.toString(16).padStart(2, "f").repeat(12)}` }, () => Promise.resolve());
      kept.add(spans().map((span) => span.spanContext().traceId).join());
    }
    expect(kept.size).toBe(1);
  });

  it("tells logs and calls where they are", async () => {
    const { tracing } = opened();
    await tracing.span("accept", { begins: STORED }, async () => {
      expect(tracing.current()).toMatchObject({ traceId: STORED });
      await tracing.span("store", { partOf: STORED }, async () => expect(tracing.current()?.spanId).not.toBe(STORED.slice(0, 16)));
    });
    expect(tracing.current()).toBeNull();
  });
});
