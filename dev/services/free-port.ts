// Finds a TCP port nobody listens on, for services that must be told their port before they start.
import { createServer } from "node:net";

/** The port is free at the moment of the answer; whoever takes it must still expect to lose it and ask again. */
export async function findFreePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("the probe got no port"));
        else resolve(address.port);
      });
    });
  });
}
