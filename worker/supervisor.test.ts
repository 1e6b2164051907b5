import { describe, expect, it } from "vitest";

import type { Logger } from "#app/ports/telemetry.ts";
import { FakeClock } from "#tests/setup/fake-clock.ts";
import { type Service, supervise } from "./supervisor.ts";

/** Services that end when they are told to, and what happened in which order. */
function troupe(names: readonly string[], stopsLast: readonly string[] = []) {
  const said: string[] = [];
  const ends = new Map(names.map((name) => [name, Promise.withResolvers<void>()]));
  const services = names.map((name): Service => ({
    name,
    stopsLast: stopsLast.includes(name),
    start: () => {
      said.push(`${name} starts`);
      return {
        async stop() {
          said.push(`${name} is asked to stop`);
          await ends.get(name)?.promise;
          said.push(`${name} stops`);
        },
      };
    },
  }));
  const errors: unknown[] = [];
  const logger: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: (fields) => errors.push(fields), child: () => logger };
  const clock = new FakeClock();
  return { said, errors, clock, end: (name: string) => ends.get(name)?.resolve(), fail: (name: string) => ends.get(name)?.reject(new Error("broken")), supervisor: supervise({ logger, clock }, services) };
}

describe("the services of the worker", () => {
  it("are all asked to stop at once, so that none takes new work while another finishes", async () => {
    const { supervisor, said, end } = troupe(["turns", "sweeper", "backfill"]);
    await supervisor.start();
    const stopped = supervisor.stop({ timeoutMs: 24_000 });
    expect(said.slice(3)).toEqual(["turns is asked to stop", "sweeper is asked to stop", "backfill is asked to stop"]);
    for (const name of ["backfill", "turns", "sweeper"]) end(name);
    expect(await stopped).toEqual({ kind: "stopped" });
    expect(said.slice(6)).toEqual(["backfill stops", "turns stops", "sweeper stops"]);
  });

  it("answer for the process's health until the others have stopped", async () => {
    const { supervisor, said, end, clock } = troupe(["health", "turns"], ["health"]);
    await supervisor.start();
    const stopped = supervisor.stop({ timeoutMs: 24_000 });
    await clock.advance(1_000);
    expect(said).not.toContain("health is asked to stop");
    end("health");
    end("turns");
    await stopped;
    expect(said.slice(2)).toEqual(["turns is asked to stop", "turns stops", "health is asked to stop", "health stops"]);
  });

  it("are left to themselves when the limit is over, and named", async () => {
    const { supervisor, end, clock } = troupe(["health", "turns", "backfill"], ["health"]);
    await supervisor.start();
    const stopped = supervisor.stop({ timeoutMs: 24_000 });
    end("turns");
    end("health");
    await clock.advance(23_999);
    expect(await Promise.race([stopped, Promise.resolve("still stopping")])).toBe("still stopping");
    await clock.advance(1);
    expect(await stopped).toEqual({ kind: "left_running", names: ["backfill"] });
    expect(clock.pendingTimerCount).toBe(0);
  });

  it("stop although one of them fails to, and a second request to stop waits for the first", async () => {
    const { supervisor, errors, end, fail } = troupe(["turns", "alerts"]);
    await supervisor.start();
    const [first, second] = [supervisor.stop({ timeoutMs: 24_000 }), supervisor.stop({ timeoutMs: 1 })];
    fail("alerts");
    end("turns");
    expect([await first, await second]).toEqual([{ kind: "stopped" }, { kind: "stopped" }]);
    expect(errors).toMatchObject([{ service: "alerts" }]);
  });
});
