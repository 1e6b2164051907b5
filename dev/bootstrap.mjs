// First step of every command on a fresh clone: plain JavaScript for old Node versions that installs what is missing,
// puts Node 24 first on the PATH and hands over to dev/<task>.ts.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants } from "node:os";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const binFolder = join(root, "node_modules", ".bin");
/** The first Node that strips types from TypeScript files without a flag, on the 22 line. */
const oldestNode = [22, 18];

function say(message) {
  process.stderr.write(`holdfast: ${message}\n`);
}

function stop(message) {
  say(message);
  process.exit(1);
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** Why an installation is needed, or undefined. Versions are compared, not file times: a checkout touches times. */
function reasonToInstall() {
  const wanted = readLock(join(root, "package-lock.json"));
  if (!existsSync(join(root, "node_modules"))) return "nothing is installed yet";
  const installed = readLock(join(root, "node_modules", ".package-lock.json"));
  if (installed === undefined) return "the last installation did not finish";
  if (wanted === undefined) return undefined;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || entry.optional || entry.devOptional || entry.peer || entry.link) continue;
    const found = installed[path];
    if (found === undefined || found.version !== entry.version) return `${path.replace("node_modules/", "")} is not at version ${entry.version}`;
  }
  return undefined;
}

function run(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, ...options });
    child.on("error", (error) => resolve({ error }));
    child.on("exit", (code, signal) => resolve({ code, signal }));
    if (options && options.onSpawn) options.onSpawn(child);
  });
}

function npmCommand(args) {
  // Inside `npm run`, npm says where its own program is: the same npm, whatever the PATH holds.
  const own = process.env.npm_execpath;
  if (own && own.endsWith("npm-cli.js")) return [process.execPath, [own, ...args]];
  return [process.platform === "win32" ? "npm.cmd" : "npm", args];
}

async function install(reason) {
  say(`installing npm packages (${reason}); about 1,100 packages, two minutes or so on the first run`);
  const flags = ["--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  // npm's own report goes to stderr, so that a command's stdout carries its result and nothing else.
  const options = { stdio: ["inherit", 2, 2], shell: process.platform === "win32" };
  for (const verb of ["ci", "install"]) {
    const [command, args] = npmCommand([verb, ...flags]);
    const result = await run(command, args, options);
    if (result.error && result.error.code === "ENOENT") {
      stop("npm is missing. It comes with Node: install Node 20 or newer (https://nodejs.org, or `apt-get install nodejs npm`) and run the command again.");
    }
    if (result.signal) process.exit(130);
    if (result.code === 0) return;
    if (verb === "ci") say("`npm ci` failed; trying `npm install`");
  }
  stop(
    "npm could not install the packages; its own message is above. If this machine is offline or behind a proxy, " +
      "give npm a registry it can reach (`npm config set registry <url>`), then run the command again.",
  );
}

function isNewEnough(version) {
  const [major, minor] = version.replace(/^v/, "").split(".").map(Number);
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
}

function nodeProgram() {
  const bundled = join(binFolder, process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(bundled)) return bundled;
  if (isNewEnough(process.version)) return process.execPath;
  return stop(
    `Node ${process.version} is too old and node_modules/.bin/node is missing. It comes with the npm package "node", whose install script must run: ` +
      "check that `npm config get ignore-scripts` says false, delete node_modules and run the command again, or use Node 22.18 or newer.",
  );
}

/** npm passes a SIGTERM only to the shell it started, not to what runs in it: that shell's end is all there is to see. */
function endWithParent(child) {
  if (process.env.npm_execpath === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) child.kill("SIGTERM");
  }, 500).unref();
}

/** Runs the task under Node 24 and passes signals on; the channel tells the task when this process is gone. */
async function handOver(task, args) {
  const path = [binFolder, process.env.PATH].filter(Boolean).join(delimiter);
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const result = await run(nodeProgram(), ["--disable-warning=ExperimentalWarning", join(root, "dev", `${task}.ts`), ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, PATH: path, HOLDFAST_BOOTSTRAPPED: "1" },
    onSpawn(child) {
      for (const signal of signals) process.on(signal, () => child.kill(signal));
      endWithParent(child);
    },
  });
  if (result.error) stop(`could not start Node: ${result.error.message}`);
  process.exit(result.signal ? 128 + (constants.signals[result.signal] || 0) : result.code);
}

const [task, ...args] = process.argv.slice(2);
if (!task || !existsSync(join(root, "dev", `${task}.ts`))) stop("usage: node dev/bootstrap.mjs demo|test|simulator|bench [arguments]");
const reason = reasonToInstall();
if (reason !== undefined) await install(reason);
await handOver(task, args);
