// Sends bytes over a socket of their own and reads what comes back: the statuses of all answers, or that there was none.
import { connect } from "node:net";

export interface RawAnswer {
  /** Of every answer on the connection, in order. */
  readonly statuses: readonly number[];
  readonly end: "closed" | "quiet" | "reset";
  /** The first answer's head and a piece of its body. */
  readonly beginning: string;
}

/** A server that keeps a broken connection open for what may still come has said what it has to say by then. */
const QUIET_MS = 1_500;
/** Nothing that is asked for takes so long; on a machine with two cores and thirty clients it takes some of it. */
const ANSWER_MS = 30_000;
const READ_BYTES_MAX = 512 * 1_024;
const BEGINNING_BYTES = 1_200;

export function sendRaw(port: number, bytes: Buffer, isWhole: boolean): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (end: RawAnswer["end"]) => {
      socket.destroy();
      const text = Buffer.concat(chunks).toString("latin1");
      resolve({ statuses: statusesOf(text), end, beginning: text.slice(0, BEGINNING_BYTES) });
    };
    socket.setTimeout(isWhole ? ANSWER_MS : QUIET_MS, () => done("quiet"));
    socket.on("data", (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size <= READ_BYTES_MAX) chunks.push(chunk);
    });
    socket.once("end", () => done("closed"));
    socket.once("close", () => done("closed"));
    socket.once("error", () => done("reset"));
    socket.write(bytes);
  });
}

/** Bodies are not taken apart: a line that looks like a status line within one would be of our own making. */
function statusesOf(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map((found) => Number(found[1]));
}
