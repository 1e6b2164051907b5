// Structured logs: one JSON object a line on standard output, secrets redacted wherever they appear.

import pino from "pino";

import type { LogLevel } from "#app/config/environment.ts";
import type { Logger } from "#app/ports/telemetry.ts";

/** Never logged on purpose; this is the net beneath. */
const REDACTED = ["accessToken", "refreshToken", "token", "authorization", "apiSecret", "password", "*.accessToken", "*.refreshToken", "*.token", "*.authorization", "*.apiSecret", "*.password"];

export function createJsonLogger(options: { level: LogLevel; service: "web" | "worker" | "cli" }): Logger {
  return pino({
    level: options.level,
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: REDACTED, censor: "[redacted]" },
    serializers: { err: pino.stdSerializers.err, error: pino.stdSerializers.err, cause: pino.stdSerializers.err },
  });
}
