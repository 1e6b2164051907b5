// The container's health check: the process of this container, web or worker, answers on its port.

import process from "node:process";

const LIMIT_MS = 4_000;
const PORT_DEFAULT = "3000";

/** Each process listens on its own of the two. */
const ports = [process.env.PORT ?? PORT_DEFAULT, process.env.WORKER_PORT].filter((port) => port !== undefined && port !== "");

async function isAlive(port: string | undefined): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(LIMIT_MS) }).catch(() => null);
  await answer?.arrayBuffer().catch(() => undefined);
  return answer?.status === 200;
}

const answers = await Promise.all(ports.map(isAlive));
process.exit(answers.includes(true) ? 0 : 1);
