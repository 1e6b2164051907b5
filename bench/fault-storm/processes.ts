// The storm's processes: a few stand by with everything loaded, so that one that is killed is replaced at once.
import { join, resolve as absolute } from "node:path";
import { tmpdir } from "node:os";
import process from "node:process";
import { startChild, type RunningChild } from "#dev/services/child-process.ts";
import { readReport, type Message, type Preparation, type Report, type StepStrike, type StormService } from "./child/messages.ts";

const ENTRY = join(import.meta.dirname, "child", "process.ts");
const COMPILE_CACHE = join(tmpdir(), "holdfast-compile-cache");
const STANDING_BY = 3;
const START_LIMIT_MS = 60_000;

export interface Stretch {
  readonly fromMs: number;
  /** Infinity: it still lasts. */
  untilMs: number;
}

/** One process, from standing by to its end. */
export class StormProcess {
  readonly child: RunningChild;
  service: StormService = "worker";
  /** Where it accepts webhooks. */
  port: number | null = null;
  /** When it did its work for the first time. */
  begunAtMs: number | null = null;
  endedAtMs: number | null = null;
  /** When it stood still. */
  readonly pauses: Stretch[] = [];
  onReport: (report: Report) => void = () => undefined;
  readonly #waiting: { met: (report: Report) => boolean; resolve: (report: Report) => void; reject: (cause: Error) => void }[] = [];
  readonly #seen: Report[] = [];

  constructor(name: string, folder: string, logFolder: string | undefined) {
    this.child = startChild({
      name,
      command: process.execPath,
      args: ["--disable-warning=ExperimentalWarning", ENTRY],
      // No .env lies there.
      cwd: folder,
      env: { NODE_ENV: "production", NODE_COMPILE_CACHE: COMPILE_CACHE, UV_THREADPOOL_SIZE: "2" },
      takesMessages: true,
      stopSignal: "SIGKILL",
      ...(logFolder === undefined ? {} : { logFile: join(absolute(logFolder), `${name}.log`) }),
      onLine: (line) => {
        const report = readReport(line);
        if (report) this.#hear(report);
      },
    });
    void this.child.exited.then((how) => {
      this.endedAtMs = Date.now();
      const last = this.pauses.at(-1);
      if (last) last.untilMs = Math.min(last.untilMs, this.endedAtMs);
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`${name} ${how}: ${this.child.lastLines().slice(-5).join(" | ")}`));
    });
  }

  get name(): string {
    return this.child.name;
  }

  isRunning(): boolean {
    return this.endedAtMs === null && !this.isPaused();
  }

  isPaused(): boolean {
    return this.pauses.at(-1)?.untilMs === Infinity;
  }

  standingBy(): Promise<unknown> {
    return this.#reported(({ report }) => report === "standing_by");
  }

  /** Resolves when it does its work, or has ended before it could. */
  async begin(preparation: Preparation): Promise<void> {
    this.service = preparation.service;
    this.#send({ kind: "begin", preparation });
    const first = await this.#reported(({ report }) => report === "listening" || report === "running").catch(() => null);
    if (first) this.begunAtMs = Date.now();
    if (first?.report === "listening") this.port = first.port;
  }

  arm(strike: StepStrike): void {
    this.#send({ kind: "arm", strike });
  }

  calm(): void {
    this.#send({ kind: "calm" });
  }

  kill(): void {
    this.child.signal("SIGKILL");
  }

  /** It stopped itself, or is stopped now. */
  standStill(ms: number, already: boolean): void {
    if (this.endedAtMs !== null || this.isPaused()) return;
    if (!already) this.child.signal("SIGSTOP");
    this.pauses.push({ fromMs: Date.now(), untilMs: Infinity });
    setTimeout(() => this.goOn(), ms).unref();
  }

  goOn(): void {
    const last = this.pauses.at(-1);
    if (last?.untilMs !== Infinity) return;
    last.untilMs = Date.now();
    this.child.signal("SIGCONT");
  }

  #send(message: Message): void {
    this.child.send(message as never);
  }

  #hear(report: Report): void {
    this.#seen.push(report);
    this.onReport(report);
    for (const waiting of this.#waiting.filter(({ met }) => met(report))) {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.resolve(report);
    }
  }

  #reported(met: (report: Report) => boolean): Promise<Report> {
    const seen = this.#seen.find(met);
    if (seen) return Promise.resolve(seen);
    if (this.endedAtMs !== null) return Promise.reject(new Error(`${this.name} has ended`));
    return new Promise((resolve, reject) => this.#waiting.push({ met, resolve, reject }));
  }
}

/** Keeps processes standing by, and knows all that it ever started. */
export class Barracks {
  readonly #folder: string;
  readonly #logFolder: string | undefined;
  readonly #standingBy: StormProcess[] = [];
  readonly #alive = new Set<StormProcess>();
  #count = 0;
  #closed = false;

  constructor(folder: string, logFolder?: string) {
    this.#folder = folder;
    this.#logFolder = logFolder;
    this.#fill();
  }

  /** One that is ready to begin; another takes its place in the row. */
  async take(): Promise<StormProcess> {
    for (;;) {
      const next = this.#standingBy.shift() ?? this.#start();
      this.#fill();
      const ready = await Promise.race([next.standingBy().then(() => true, () => false), afterMs(START_LIMIT_MS)]);
      if (ready === true) return next;
      if (this.#closed) throw new Error("the storm is over");
      const said = next.child.lastLines().join("\n");
      next.kill();
      throw new Error(`a process of the storm did not start:\n${said}`);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const each of this.#alive) each.kill();
    await Promise.all([...this.#alive].map(({ child }) => child.exited));
  }

  #fill(): void {
    while (!this.#closed && this.#standingBy.length < STANDING_BY) this.#standingBy.push(this.#start());
  }

  #start(): StormProcess {
    this.#count += 1;
    const started = new StormProcess(`p${this.#count}`, this.#folder, this.#logFolder);
    this.#alive.add(started);
    void started.child.exited.then(() => this.#alive.delete(started));
    return started;
  }
}

function afterMs(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms).unref());
}
