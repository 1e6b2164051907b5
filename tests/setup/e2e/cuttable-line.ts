// A TCP line between a process and a service that a test can cut, as when the service's machine is gone, and mend again.
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

export interface CuttableLine {
  /** The service's address with the line in front of it. */
  readonly url: string;
  /** From now on the service hears everything and none of its answers arrive, until the line is cut. */
  mute(): void;
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export async function layLine(to: string): Promise<CuttableLine> {
  const target = new URL(to);
  const sockets = new Set<Socket>();
  const answering = new Set<Socket>();
  let isMute = false;
  let port = 0;
  let server: Server | undefined;
  const carry = (near: Socket) => {
    const far = connect({ host: target.hostname, port: Number(target.port) });
    answering.add(far);
    far.on("close", () => answering.delete(far));
    for (const [one, other] of [[near, far], [far, near]] as const) {
      sockets.add(one);
      if (one === near || !isMute) one.pipe(other);
      // Whatever ends one side ends the other; who talks through the line sees a closed connection.
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  };
  const mend = async () => {
    isMute = false;
    server = createServer(carry);
    await new Promise<void>((listening) => server?.listen(port, "127.0.0.1", listening));
    port = (server.address() as AddressInfo).port;
  };
  await mend();
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String(port);
  return {
    url: url.href,
    mend,
    mute() {
      isMute = true;
      for (const far of answering) far.unpipe();
    },
    async cut() {
      const closed = new Promise((done) => server?.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
