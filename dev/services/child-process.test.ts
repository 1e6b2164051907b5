// Children of a command: ended by pid, and ended too when the command itself is killed without a chance to do so.
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { startChild } from "./child-process.ts";
import { isAlive } from "./is-alive.ts";

const waitsForEver = ["-e", "console.log('up'); setInterval(() => undefined, 1000)"];

describe("a child process", () => {
  it("hands over its lines and is ended by its pid", async () => {
    const up = Promise.withResolvers<string>();
    const child = startChild({ name: "test", command: process.execPath, args: waitsForEver, onLine: up.resolve });
    expect(await up.promise).toBe("up");
    await child.stop();
    expect(await child.exited).toBe("ended by SIGTERM");
    expect(isAlive(child.pid)).toBe(false);
  });

  it("is killed when it does not want to stop", async () => {
    const up = Promise.withResolvers<string>();
    const stubborn = ["-e", "process.on('SIGTERM', () => undefined); console.log('up'); setInterval(() => undefined, 1000)"];
    const child = startChild({ name: "test", command: process.execPath, args: stubborn, onLine: up.resolve, stopTimeoutMs: 50 });
    await up.promise;
    await child.stop();
    expect(await child.exited).toBe("ended by SIGKILL");
  });

  it("says so when its program does not exist", async () => {
    const child = startChild({ name: "test", command: "/no/such/program", args: [] });
    expect(await child.exited).toMatch(/^could not start: .*ENOENT/);
  });

  it("does not outlive a command that was killed", async () => {
    const module = new URL("./child-process.ts", import.meta.url).href;
    const script = `const { startChild } = await import(${JSON.stringify(module)});
      const child = startChild({ name: "inner", command: process.execPath, args: ${JSON.stringify(waitsForEver)}, onLine: () => console.log(child.pid) });`;
    const command = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(createInterface({ input: command.stdout }), "line")) as [string];
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    command.kill("SIGKILL");
    // Its end can only be looked for: it is nobody's child any more.
    while (isAlive(pid)) await new Promise((wake) => setImmediate(wake));
    expect(isAlive(pid)).toBe(false);
  });
});
