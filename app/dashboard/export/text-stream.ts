// Turns text that is made piece by piece into the body of an answer: the next piece is made when the browser has taken the one before.

export interface TextStreamOptions {
  /** Aborted when the browser has gone away. */
  readonly signal: AbortSignal;
  /** Asked before each piece; false ends the download as broken off. */
  readonly keep: () => boolean;
  /** Called once, whatever ended it: everything was sent, the browser went away, or `cause`. */
  readonly onEnd: (cause: unknown) => void;
}

/**
 * Nothing is made before the first read, and never more than one piece ahead of it. When making a piece fails, the stream fails: the
 * connection is cut, so that the browser says that the file is not whole.
 */
export function streamText(pieces: AsyncIterable<string>, { signal, keep, onEnd }: TextStreamOptions): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let ended = false;
  const end = (cause: unknown) => {
    if (ended) return;
    ended = true;
    signal.removeEventListener("abort", leave);
    onEnd(cause);
  };
  const leave = () => {
    end(null);
    // Queued behind a piece that is being made; what the generator opened is closed by it. Nobody waits for it.
    void iterator.return?.().catch(() => undefined);
  };
  signal.addEventListener("abort", leave);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          if (signal.aborted) return controller.error(new Error("the browser went away"));
          if (!keep()) throw new ExportOvertakenError();
          const next = await iterator.next();
          if (next.done === true) {
            end(null);
            return controller.close();
          }
          controller.enqueue(encoder.encode(next.value));
        } catch (error) {
          end(signal.aborted ? null : error);
          controller.error(error);
        }
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  );
}

/** A download that stood still for long had its place taken by another. */
export class ExportOvertakenError extends Error {
  constructor() {
    super("another export of this install began while this one stood still");
    this.name = "ExportOvertakenError";
  }
}
