import { describe, expect, it } from "vitest";

import { readTracing, tracingFaults } from "./read-tracing.ts";

describe("traces", () => {
  it("are off unless an exporter or where to send them is named", () => {
    expect(readTracing({})).toBeNull();
    expect(readTracing({ OTEL_SERVICE_NAME: "x", OTEL_TRACES_SAMPLER: "always_on" })).toBeNull();
    expect(readTracing({ OTEL_TRACES_EXPORTER: "otlp" })).toEqual({ serviceName: null, sampledRatio: 1 });
    expect(readTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" })).toEqual({ serviceName: null, sampledRatio: 1 });
  });

  it("are off when the standard's switches say so, whatever else is set", () => {
    const on = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" };
    expect(readTracing({ ...on, OTEL_SDK_DISABLED: "true" })).toBeNull();
    expect(readTracing({ ...on, OTEL_TRACES_EXPORTER: "none" })).toBeNull();
    expect(readTracing({ ...on, OTEL_TRACES_SAMPLER: "always_off" })).toBeNull();
  });

  it("are kept in the share that is asked for, under the name that is given", () => {
    const variables = { OTEL_TRACES_EXPORTER: "otlp", OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.25", OTEL_SERVICE_NAME: "stock" };
    expect(readTracing(variables)).toEqual({ serviceName: "stock", sampledRatio: 0.25 });
    expect(tracingFaults(variables)).toEqual([]);
  });

  it("that are asked for in a way that is not there stop the process with a line that says what is", () => {
    const faults = tracingFaults({ OTEL_TRACES_EXPORTER: "zipkin", OTEL_TRACES_SAMPLER: "jaeger_remote", OTEL_TRACES_SAMPLER_ARG: "2", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" });
    expect(faults).toHaveLength(4);
    expect(faults.join("\n")).toMatch(/otlp or none[\s\S]*always_on[\s\S]*from 0 to 1[\s\S]*http\/protobuf/);
    expect(tracingFaults({ OTEL_SDK_DISABLED: "true", OTEL_TRACES_EXPORTER: "zipkin" })).toEqual([]);
  });
});
