// One kept-alive connection that writes prepared requests and reads answers, as cheaply as a client can: it shares the cores with what it measures.
import { connect, type Socket } from "node:net";

export interface HttpConnection {
  /** One at a time. */
  send(request: Buffer): void;
  close(): void;
}

/** @param onAnswer the whole answer has come. @param onLost the connection ended while a request was under way, or could not be made. */
export function openConnection(target: { readonly host: string; readonly port: number }, onAnswer: (status: number) => void, onLost: () => void): HttpConnection {
  let waiting = false;
  let received = "";
  let socket: Socket | null = null;
  const dial = (): Socket => {
    const dialled = connect({ ...target, noDelay: true });
    dialled.setEncoding("latin1");
    dialled.on("data", (chunk: string) => {
      received += chunk;
      const status = statusOfWhole(received);
      if (status === null) return;
      received = "";
      waiting = false;
      onAnswer(status);
    });
    dialled.on("error", () => undefined);
    dialled.on("close", () => {
      if (socket === dialled) socket = null;
      if (!waiting) return;
      waiting = false;
      received = "";
      onLost();
    });
    return dialled;
  };
  return {
    send(request) {
      waiting = true;
      socket ??= dial();
      socket.write(request);
    },
    close() {
      waiting = false;
      socket?.destroy();
    },
  };
}

/** Null while something is missing. Answers are short: looking at the whole text again costs nothing. */
function statusOfWhole(text: string): number | null {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return null;
  const status = Number(text.slice(9, 12));
  const bodyAt = headEnd + 4;
  const head = text.slice(0, headEnd).toLowerCase();
  if (head.includes("transfer-encoding: chunked")) return text.endsWith("0\r\n\r\n") && text.length > bodyAt ? status : null;
  const length = /content-length: (\d+)/.exec(head)?.[1];
  return length === undefined || text.length >= bodyAt + Number(length) ? status : null;
}
