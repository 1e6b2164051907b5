// Reads the process's environment once; whatever is missing or wrong stops the process with one line each that says how to get it.
import { existsSync } from "node:fs";

import type { Environment } from "./environment.ts";
import { readEnvironment } from "./read-environment.ts";

/** Written by the step before `shopify app dev`; variables that are already set win over it. */
const ENV_FILE = ".env";
const EXIT_CODE_CONFIGURATION = 78; // EX_CONFIG of sysexits.h

let known: Environment | null = null;

/** The configuration of this process. Only entry points (processes, `shopify.server.ts`, root loaders) call it; modules get what they need as arguments. */
export function environment(): Environment {
  known ??= readOrExit();
  return known;
}

function readOrExit(): Environment {
  // A developer's .env must not leak into tests.
  if (process.env.NODE_ENV !== "test" && existsSync(ENV_FILE)) process.loadEnvFile(ENV_FILE);
  const reading = readEnvironment(process.env);
  if (reading.kind === "ok") return reading.environment;
  process.stderr.write(`${reading.faults.map((fault) => `holdfast: ${fault}`).join("\n")}\n`);
  return process.exit(EXIT_CODE_CONFIGURATION);
}
