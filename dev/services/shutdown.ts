// Stops everything a command started, in reverse order, whatever ends it: its own end, Ctrl-C, SIGTERM, or a parent that died.
import process from "node:process";
import { say } from "./say.ts";

export type Shutdown = {
  /** Registers something to stop; the last registered stops first. */
  add(name: string, stop: () => Promise<void>): void;
  /** Aborted as soon as the command is asked to end. */
  signal: AbortSignal;
  /** A signal came, and its handler ends the process when everything is stopped. */
  interrupted(): boolean;
  stopAll(): Promise<void>;
};

/** A child that does not stop must not keep the terminal for ever; each child has its own, shorter limit. */
const shutdownLimitMs = 30_000;

export function createShutdown(): Shutdown {
  const started: { name: string; stop: () => Promise<void> }[] = [];
  const controller = new AbortController();
  let stopping: Promise<void> | undefined;
  let interrupted = false;

  const stopEach = async () => {
    controller.abort();
    for (let next = started.pop(); next !== undefined; next = started.pop()) {
      try {
        await next.stop();
      } catch (error) {
        say(`${next.name} did not stop cleanly: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };
  const stopAll = async () => await (stopping ??= stopEach());

  const end = (why: string, code: number) => {
    if (interrupted) return;
    interrupted = true;
    say(`stopping (${why})`);
    setTimeout(() => process.exit(code), shutdownLimitMs).unref();
    void stopAll().finally(() => process.exit(code));
  };
  process.on("SIGINT", () => end("Ctrl-C", 130));
  process.on("SIGTERM", () => end("SIGTERM", 143));
  process.on("SIGHUP", () => end("the terminal was closed", 129));
  // The channel exists only under dev/bootstrap.mjs, and closes when that process ends in whatever way.
  if (process.channel !== undefined && process.channel !== null) {
    process.channel.unref();
    process.on("disconnect", () => end("the command that started this one is gone", 143));
  }
  return { add: (name, stop) => started.push({ name, stop }), signal: controller.signal, interrupted: () => interrupted, stopAll };
}
