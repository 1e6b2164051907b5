// What a process keeps: its memory after a collection that is asked for over its inspector. What the collector has not come to yet is no leak.

export interface KeptMemory {
  /** Objects of its own, after the collection. */
  readonly heapMb: number;
  /** Buffers and whatever else its objects hold outside of the heap. */
  readonly externalMb: number;
  readonly rssMb: number;
}

const MB = 1_024 * 1_024;
const USAGE = "JSON.stringify(process.memoryUsage())";
/** What a finalizer lets go is found by the collection after it. */
const COLLECTIONS = ["HeapProfiler.collectGarbage", "HeapProfiler.collectGarbage"];

export async function keptMemory(inspectorPort: number): Promise<KeptMemory> {
  const response = await fetch(`http://127.0.0.1:${inspectorPort}/json/list`);
  const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[];
  if (target === undefined) throw new Error("the process has no inspector");
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  try {
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve, { once: true });
      socket.addEventListener("error", reject, { once: true });
    });
    for (const method of COLLECTIONS) await call(socket, method, {});
    const { result } = (await call(socket, "Runtime.evaluate", { expression: USAGE })) as { result: { value: string } };
    const { heapUsed, external, rss } = JSON.parse(result.value) as NodeJS.MemoryUsage;
    return { heapMb: heapUsed / MB, externalMb: external / MB, rssMb: rss / MB };
  } finally {
    socket.close();
  }
}

/** One at a time. */
function call(socket: WebSocket, method: string, params: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      socket.removeEventListener("message", onMessage);
      socket.removeEventListener("close", onClose);
      settle();
    };
    const onMessage = ({ data }: MessageEvent) => {
      const answer = JSON.parse(String(data)) as { id?: number; result?: unknown; error?: { message: string } };
      if (answer.id !== 1) return;
      done(() => (answer.error === undefined ? resolve(answer.result) : reject(new Error(`${method}: ${answer.error.message}`))));
    };
    const onClose = () => done(() => reject(new Error(`${method}: the inspector went away`)));
    socket.addEventListener("message", onMessage);
    socket.addEventListener("close", onClose);
    socket.send(JSON.stringify({ id: 1, method, params }));
  });
}
