// What stands before the accept processes: passes each connection to the next one that listens, as a load balancer does.
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface Balancer {
  readonly origin: string;
  /** Ports that listen now, as the storm knows it. */
  targets: () => readonly number[];
  close(): Promise<void>;
}

export async function startBalancer(): Promise<Balancer> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const balancer = { targets: (): readonly number[] => [] };
  const server = createServer((incoming) => {
    const ports = balancer.targets();
    turn += 1;
    const port = ports[turn % Math.max(1, ports.length)];
    keep(sockets, incoming);
    // Nobody listens: Shopify sees a connection that is closed.
    if (port === undefined) return void incoming.destroy();
    const outgoing = connect(port, "127.0.0.1");
    keep(sockets, outgoing);
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on("close", () => outgoing.destroy());
    outgoing.on("close", () => incoming.destroy());
    return undefined;
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get targets() {
      return balancer.targets;
    },
    set targets(targets) {
      balancer.targets = targets;
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => sockets.delete(socket));
}
