// Structured logs: one JSON object a line on standard output, secrets redacted wherever they appear.

import pino from "pino";

import type { LogLevel } from "#app/config/environment.ts";
import type { Logger } from "#app/ports/telemetry.ts";

import { redactSecrets } from "./redact-secrets.ts";

export interface JsonLoggerOptions {
  readonly level: LogLevel;
  readonly service: "web" | "worker" | "cli";
  readonly where?: () => Record<string, string>;
  /** Standard output if not given. */
  readonly destination?: { write(line: string): void };
}

/** @param options.where put into each line: the span in which it is written. Without it lines carry the stored ids only. */
export function createJsonLogger(options: JsonLoggerOptions): Logger {
  return pino({
    level: options.level,
    base: { service: options.service },
    ...(options.where ? { mixin: options.where } : {}),
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // The whole line, because a secret comes in messages, causes and addresses as well as in fields.
    hooks: { streamWrite: redactSecrets },
    serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err, cause: pino.stdSerializers.err },
  }, ...(options.destination ? [options.destination] : []));
}
