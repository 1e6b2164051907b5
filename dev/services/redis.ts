// A Redis (or Valkey) of one's own: the program found on the PATH or installed, on a free port, with its own folder.
import { mkdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import process from "node:process";
import { startChild } from "./child-process.ts";
import { findFreePort } from "./free-port.ts";
import { SetupProblem } from "./say.ts";
import { ensureSystemPackage } from "./system-package.ts";

export type RedisOptions = {
  /** Deleted when the server stops. */
  folder: string;
  /** Fixed, for a test that stops a server and starts it again at the same address. */
  port?: number;
  logFile?: string;
  /** Further `--name value` settings. */
  settings?: string[];
};

export type RedisServer = {
  url: string;
  port: number;
  pid: number;
  stop(): Promise<void>;
  /** `kill -9`, then started again at the same address, without its data. */
  killAndRestart(): Promise<void>;
};

const startAttempts = 3;
// Redis holds only what PostgreSQL can rebuild (wakes, locks, budgets): nothing of it needs the disk, and nothing may be evicted.
const fixedSettings = ["--bind", "127.0.0.1", "--daemonize", "no", "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"];
const startLimitMs = 15_000;

export async function findRedisProgram(): Promise<string> {
  return await ensureSystemPackage({
    what: "Redis",
    programs: ["redis-server", "valkey-server"],
    names: { "apt-get": "redis-server", dnf: "valkey", apk: "redis", pacman: "valkey", zypper: "redis", brew: "redis" },
    otherwise: "Or set REDIS_URL to a Redis 6.2 or newer (`docker compose up -d` starts one) and run the command again.",
  });
}

export async function startRedis(options: RedisOptions): Promise<RedisServer> {
  const program = await findRedisProgram();
  await mkdir(options.folder, { recursive: true });
  const startServer = (port: number) =>
    startChild({
      name: "redis",
      command: program,
      args: ["--port", String(port), "--dir", options.folder, ...fixedSettings, ...(options.settings ?? [])],
      logFile: options.logFile,
    });
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await findFreePort());
    const server = startServer(port);
    const early = await Promise.race([server.exited, answersPing(port)]);
    if (early === true) {
      let running = server;
      return {
        url: `redis://127.0.0.1:${port}`,
        port,
        get pid() {
          return running.pid;
        },
        async stop() {
          await running.stop();
          await rm(options.folder, { recursive: true, force: true });
        },
        async killAndRestart() {
          process.kill(running.pid, "SIGKILL");
          await running.exited;
          running = startServer(port);
          await answersPing(port);
        },
      };
    }
    await server.stop();
    if (attempt === startAttempts || options.port !== undefined) {
      throw new SetupProblem(`${program} did not start (${String(early)}):\n${server.lastLines().join("\n")}`);
    }
  }
}

async function answersPing(port: number): Promise<true | string> {
  const deadline = process.hrtime.bigint() + BigInt(startLimitMs) * 1_000_000n;
  while (process.hrtime.bigint() < deadline) {
    if (await ping(port)) return true;
    await new Promise((wake) => setTimeout(wake, 20));
  }
  return "no answer to PING";
}

async function ping(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => end(false));
    socket.once("data", (data) => end(data.toString("latin1").startsWith("+PONG")));
    socket.once("error", () => end(false));
  });
}
