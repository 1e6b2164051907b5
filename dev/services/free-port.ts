// Finds a TCP port nobody listens on, for services that must be told their port before they start.
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below what systems give to connections that go out and to whoever asks for any port (Linux from 32768, macOS and Windows from 49152): between
 * this answer and the service's start, none of those takes it. Two who ask at once get the same one in 1 of 17,000 cases.
 */
const FIRST = 15_000;
const LAST = 32_000;
const ATTEMPTS = 100;

/** The port is free at the moment of the answer, on every address of this machine. */
export async function findFreePort(): Promise<number> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST, LAST);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${ATTEMPTS} ports between ${FIRST} and ${LAST} is free`);
}

async function isFree(port: number): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(false);
      else reject(error);
    });
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
