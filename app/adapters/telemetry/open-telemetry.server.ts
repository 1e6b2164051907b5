// Traces by OpenTelemetry: the SDK is loaded when this is switched on and not before; nothing global is registered.

import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";

import type * as OpenTelemetryApi from "@opentelemetry/api";
import type { Context, Link, Span as ApiSpan, Tracer } from "@opentelemetry/api";
import type * as OtlpExporter from "@opentelemetry/exporter-trace-otlp-proto";
import type * as OpenTelemetryResources from "@opentelemetry/resources";
import type * as OpenTelemetrySdk from "@opentelemetry/sdk-trace";
import type { SpanExporter } from "@opentelemetry/sdk-trace";

import type { TracingEnvironment } from "#app/config/environment.ts";
import { type PastSpan, type Span, type SpanAttributes, type SpanOptions, type Tracing, UNTRACED } from "#app/ports/tracing.ts";

/** `import()` would make every process that starts wait for a promise; what is required here is loaded at this line, or never. */
const load = createRequire(import.meta.url);

type Api = typeof OpenTelemetryApi;
type Sdk = typeof OpenTelemetrySdk;

/** Traces that one span may name beside its own. A batch holds 200 notifications. */
const LINKS_MAX = 128;

export interface TracingOptions {
  readonly service: "web" | "worker" | "cli";
  /** For tests: each span is given to it as it ends. Without it spans go by OTLP where the environment says. */
  readonly exporter?: SpanExporter;
}

export function openTracing(environment: TracingEnvironment | null, options: TracingOptions): Tracing {
  if (environment === null) return UNTRACED;
  const api = load("@opentelemetry/api") as Api;
  const sdk = load("@opentelemetry/sdk-trace") as Sdk;
  const ids = new StoredIds();
  const provider = new sdk.TracerProvider({
    idGenerator: ids,
    // By the trace's id alone and not by the parent: whoever finds a stored id decides about it as the process did that made it.
    sampler: new sdk.TraceIdRatioBasedSampler(environment.sampledRatio),
    spanLimits: { attributeValueLengthLimit: 255, linkCountLimit: LINKS_MAX },
    resource: resourceOf(environment, options.service),
    spanProcessors: [options.exporter ? new sdk.SimpleSpanProcessor({ exporter: options.exporter }) : exportingProcessor(sdk)],
  });
  return createTracing(api, provider.getTracer("holdfast"), ids, () => provider.shutdown());
}

/** The exporter reads the rest of the standard's variables itself: endpoint, headers, time-out, compression. */
function exportingProcessor(sdk: Sdk) {
  const { OTLPTraceExporter } = load("@opentelemetry/exporter-trace-otlp-proto") as typeof OtlpExporter;
  return new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter() });
}

function resourceOf(environment: TracingEnvironment, service: TracingOptions["service"]) {
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = load("@opentelemetry/resources") as typeof OpenTelemetryResources;
  const own = resourceFromAttributes({ "service.name": environment.serviceName ?? `holdfast-${service}`, "service.namespace": "holdfast", "holdfast.process": service });
  return defaultResource().merge(detectResources({ detectors: [envDetector] })).merge(own);
}

/**
 * The first span of a trace is named by the first half of the trace's id. So whoever knows the id that is stored with a delivery, a change or
 * a mutation can hang a span below the request that brought it, in another process and days later, and no second id has to be stored.
 */
class StoredIds {
  #next: string | null = null;

  /** Makes the span that `start` starts the first one of that trace. */
  first<Started>(traceId: string, start: () => Started): Started {
    this.#next = traceId;
    try {
      return start();
    } finally {
      this.#next = null;
    }
  }

  generateTraceId(): string {
    return this.#next ?? randomBytes(16).toString("hex");
  }

  generateSpanId(): string {
    return this.#next === null ? randomBytes(8).toString("hex") : firstSpanOf(this.#next);
  }
}

function firstSpanOf(traceId: string): string {
  return traceId.slice(0, 16);
}

/** As 32 hexadecimal digits; null for what is no id of a trace. Some rounds name themselves by a UUID: the same digits with dashes. */
function traceIdOf(stored: string | null | undefined): string | null {
  const digits = stored?.replaceAll("-", "").toLowerCase();
  return digits !== undefined && /^[0-9a-f]{32}$/.test(digits) && !/^0{16}/.test(digits) ? digits : null;
}

function createTracing(api: Api, tracer: Tracer, ids: StoredIds, close: () => Promise<void>): Tracing {
  const running = new AsyncLocalStorage<Context>();
  const remote = (traceId: string) => ({ traceId, spanId: firstSpanOf(traceId), traceFlags: api.TraceFlags.SAMPLED, isRemote: true });
  const current = (): PastSpan | null => {
    const context = running.getStore();
    return (context && api.trace.getSpanContext(context)) ?? null;
  };

  /** Null when it is not to be traced. */
  function start(name: string, options: SpanOptions, startTime?: number, of?: PastSpan | null): ApiSpan | null {
    const begins = traceIdOf(options.begins);
    const partOf = traceIdOf(options.partOf);
    const here = running.getStore();
    const settings = { kind: kindOf(api, options.kind), attributes: present(options.attributes), links: links(options, partOf, of), ...(startTime === undefined ? {} : { startTime }) };
    if (begins !== null) return ids.first(begins, () => tracer.startSpan(name, settings, api.ROOT_CONTEXT));
    // What already runs in that trace is the nearer parent.
    if (partOf !== null && partOf !== current()?.traceId) return tracer.startSpan(name, settings, api.trace.setSpanContext(api.ROOT_CONTEXT, remote(partOf)));
    if (here) return tracer.startSpan(name, settings, here);
    if (!options.alone) return null;
    return ids.first(randomBytes(16).toString("hex"), () => tracer.startSpan(name, settings, api.ROOT_CONTEXT));
  }

  function links(options: SpanOptions, partOf: string | null, of?: PastSpan | null): Link[] {
    const others = (options.alsoFor ?? []).flatMap((stored) => traceIdOf(stored) ?? []).filter((traceId) => traceId !== partOf);
    return [
      ...(of ? [{ context: { ...remote(of.traceId), spanId: of.spanId } }] : []),
      ...[...new Set(others)].slice(0, LINKS_MAX).map((traceId) => ({ context: remote(traceId) })),
    ];
  }

  return {
    async span(name, options, work) {
      const span = start(name, options);
      if (span === null) return UNTRACED.span(name, options, work);
      const handle: Span = { add: (attributes) => void span.setAttributes(present(attributes)) };
      try {
        return await running.run(api.trace.setSpan(running.getStore() ?? api.ROOT_CONTEXT, span), () => work(handle));
      } catch (error) {
        span.setStatus({ code: api.SpanStatusCode.ERROR });
        span.setAttribute("error.type", error instanceof Error ? error.name : typeof error);
        throw error;
      } finally {
        span.end();
      }
    },
    past(name, { durationMs, endedAgoMs = 0 }, { of, ...options }) {
      const endMs = performance.timeOrigin + performance.now() - endedAgoMs;
      start(name, options, endMs - durationMs, of)?.end(endMs);
    },
    event(name, attributes) {
      const context = running.getStore();
      if (context) api.trace.getSpan(context)?.addEvent(name, present(attributes));
    },
    current,
    close,
  };
}

function kindOf({ SpanKind }: Api, kind: SpanOptions["kind"]) {
  switch (kind) {
    case "server":
      return SpanKind.SERVER;
    case "producer":
      return SpanKind.PRODUCER;
    case "consumer":
      return SpanKind.CONSUMER;
    case "client":
      return SpanKind.CLIENT;
    case undefined:
      return SpanKind.INTERNAL;
  }
}

function present(attributes: SpanAttributes = {}): Record<string, string | number | boolean> {
  return Object.fromEntries(Object.entries(attributes).flatMap(([name, value]) => (value === undefined || value === null ? [] : [[name, value] as const])));
}
