// The part of OpenTelemetry's standard variables that decides whether traces are made; part of reading the environment.

import type { TracingEnvironment } from "./environment.ts";

type Variables = Readonly<Record<string, string | undefined>>;

const SAMPLERS_ALL = ["always_on", "parentbased_always_on"];
const SAMPLERS_NONE = ["always_off", "parentbased_always_off"];
/** Nothing outside begins our traces, so a parent never decides: with and without `parentbased_` is the same. */
const SAMPLERS_RATIO = ["traceidratio", "parentbased_traceidratio"];
const SAMPLERS = [...SAMPLERS_ALL, ...SAMPLERS_NONE, ...SAMPLERS_RATIO];
const EXPORTERS = ["otlp", "none"];
const PROTOCOL = "http/protobuf";

/** Off unless an exporter or its endpoint is named: the standard's default would send to a collector that nobody has. */
export function readTracing(variables: Variables): TracingEnvironment | null {
  if (!isOn(variables)) return null;
  const sampler = valueOf(variables, "OTEL_TRACES_SAMPLER") ?? "always_on";
  if (SAMPLERS_NONE.includes(sampler)) return null;
  return {
    serviceName: valueOf(variables, "OTEL_SERVICE_NAME"),
    sampledRatio: SAMPLERS_RATIO.includes(sampler) ? Number(valueOf(variables, "OTEL_TRACES_SAMPLER_ARG") ?? "1") : 1,
  };
}

/** What is asked for and cannot be had, as lines that say what can. */
export function tracingFaults(variables: Variables): string[] {
  if (!isOn(variables)) return [];
  const exporter = valueOf(variables, "OTEL_TRACES_EXPORTER") ?? "otlp";
  const sampler = valueOf(variables, "OTEL_TRACES_SAMPLER") ?? "always_on";
  const ratio = Number(valueOf(variables, "OTEL_TRACES_SAMPLER_ARG") ?? "1");
  const protocol = valueOf(variables, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") ?? valueOf(variables, "OTEL_EXPORTER_OTLP_PROTOCOL") ?? PROTOCOL;
  return [
    ...(EXPORTERS.includes(exporter) ? [] : [`OTEL_TRACES_EXPORTER is wrong: set it to ${EXPORTERS.join(" or ")}`]),
    ...(SAMPLERS.includes(sampler) ? [] : [`OTEL_TRACES_SAMPLER is wrong: set it to one of ${SAMPLERS.join(", ")}`]),
    ...(ratio >= 0 && ratio <= 1 ? [] : ["OTEL_TRACES_SAMPLER_ARG is wrong: set it to the share of traces to keep, from 0 to 1"]),
    ...(protocol === PROTOCOL ? [] : [`OTEL_EXPORTER_OTLP_PROTOCOL is wrong: only ${PROTOCOL} is spoken (port 4318 of a collector)`]),
  ];
}

function isOn(variables: Variables): boolean {
  if (valueOf(variables, "OTEL_SDK_DISABLED")?.toLowerCase() === "true") return false;
  const exporter = valueOf(variables, "OTEL_TRACES_EXPORTER");
  if (exporter !== null) return exporter !== "none";
  return ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"].some((name) => valueOf(variables, name) !== null);
}

function valueOf(variables: Variables, name: string): string | null {
  const text = variables[name]?.trim();
  return text === undefined || text === "" ? null : text;
}
