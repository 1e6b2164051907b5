// Three posts for workers and two for accept processes: whoever falls is replaced by one that stood by.
import type { Timings } from "#app/ports/timings.ts";
import type { Preparation, Report, StormService } from "./child/messages.ts";
import type { Gate } from "./gate.ts";
import type { StormProcess } from "./processes.ts";
import type { StormServices } from "./storm-services.ts";

const POSTS: readonly StormService[] = ["worker", "accept", "worker", "accept", "worker"];

export interface PostsParts {
  readonly services: StormServices;
  readonly gate: Gate;
  readonly env: Readonly<Record<string, string>>;
  readonly redisPrefix: string;
  readonly timings: Timings;
  readonly without: readonly string[];
  readonly onReport: (by: string, report: Report) => void;
}

export class Posts {
  readonly all: StormProcess[] = [];
  readonly #parts: PostsParts;
  readonly #held: (StormProcess | null)[] = POSTS.map(() => null);
  readonly #filling = new Map<number, Promise<void>>();
  #calm = false;
  #closed = false;

  constructor(parts: PostsParts) {
    this.#parts = parts;
  }

  /** Resolves when somebody is at work on every post. */
  async fill(): Promise<void> {
    do await Promise.all(POSTS.map((_, post) => this.#man(post)));
    while (!this.#closed && this.#held.some((process) => process === null || process.endedAtMs !== null));
  }

  now(): readonly StormProcess[] {
    return this.#held.filter((process) => process !== null);
  }

  find(name: string): StormProcess | undefined {
    return this.all.find((process) => process.name === name);
  }

  acceptPorts(): readonly number[] {
    return this.now().flatMap((process) => (process.endedAtMs === null && process.port !== null ? [process.port] : []));
  }

  /** Nothing is armed any more, nobody stands still, and whoever comes finds it so. */
  calm(): void {
    this.#calm = true;
    for (const process of this.all) process.goOn();
    for (const process of this.now()) process.calm();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#filling.values());
    for (const process of this.all) process.kill();
    await Promise.all(this.all.map(({ child }) => child.exited));
  }

  #man(post: number): Promise<void> {
    const present = this.#held[post];
    if (present && present.endedAtMs === null) return Promise.resolve();
    const filling = this.#filling.get(post) ?? this.#replace(post).finally(() => this.#filling.delete(post));
    this.#filling.set(post, filling);
    return filling;
  }

  async #replace(post: number): Promise<void> {
    const { services, gate, env, redisPrefix, timings, without, onReport } = this.#parts;
    const service = POSTS[post] ?? "worker";
    const process = await services.barracks.take();
    this.all.push(process);
    if (this.#closed) return process.kill();
    process.onReport = (report) => onReport(process.name, report);
    const preparation: Preparation = { service, env: { ...env, SHOPIFY_ORIGIN_OVERRIDE: await gate.openDoor(process.name) }, redisPrefix, timings, without };
    this.#held[post] = process;
    void process.child.exited.then(() => {
      if (!this.#closed && this.#held[post] === process) void this.#man(post).catch(() => undefined);
    });
    await process.begin(preparation);
    if (this.#calm) process.calm();
  }
}
