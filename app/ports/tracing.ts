// The tracing port: work as spans of traces. The id of a delivery's trace is the one that is stored with it and that the logs carry.

/** Codes, counts and ids; never what a customer wrote, never a token. What is undefined or null is left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface SpanOptions {
  /** `server`: answers a request; `producer`, `consumer`: the queue's two sides; `client`: asks the outside. Else work inside a process. */
  readonly kind?: "server" | "producer" | "consumer" | "client";
  readonly attributes?: SpanAttributes;
  /** This is the first span of the trace of that id. */
  readonly begins?: string;
  /** Hangs below the first span of the stored trace of that id, whatever runs now. Null or undefined: below what runs now. */
  readonly partOf?: string | null | undefined;
  /** Where nothing runs that is traced, it begins a trace of its own. Without it, it is not traced then. */
  readonly alone?: boolean;
  /** Stored ids of the other traces that this work is done for. */
  readonly alsoFor?: readonly string[];
}

export interface Span {
  add(attributes: SpanAttributes): void;
}

/** A span that has ended, by which others can name it. */
export interface PastSpan {
  readonly traceId: string;
  readonly spanId: string;
}

export interface Tracing {
  /** Runs `work` as a span; it ends with it, also when it throws. Of a thrown error only its name is kept: messages quote what was written. */
  span<Result>(name: string, options: SpanOptions, work: (span: Span) => Promise<Result>): Promise<Result>;
  /** A span for what has ended. `of`: the span that it is another trace's view of. */
  past(name: string, times: { readonly durationMs: number; readonly endedAgoMs?: number }, options: SpanOptions & { readonly of?: PastSpan | null }): void;
  /** Something that happened at one moment of what runs now. */
  event(name: string, attributes: SpanAttributes): void;
  /** What runs now, for logs and calls; null when it is not traced. */
  current(): PastSpan | null;
  /** Sends what was not sent yet, within the exporter's time limit. */
  close(): Promise<void>;
}

const SILENT: Span = { add: () => undefined };

/** Tracing that is switched off. */
export const UNTRACED: Tracing = {
  span: (_name, _options, work) => work(SILENT),
  past: () => undefined,
  event: () => undefined,
  current: () => null,
  close: () => Promise.resolve(),
};
