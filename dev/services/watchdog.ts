// Ends the child processes of a command that was killed without a chance to clean up (SIGKILL, a crashed terminal).
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import process from "node:process";

// A shell of its own process group that holds the other end of a pipe. As long as this process lives the pipe is open;
// when it closes, whatever is still on the list gets SIGTERM. Lines: "+ <pid>" adds, "- <pid>" removes.
const script = `
trap '' INT TERM HUP
list=" "
while read -r verb pid; do
  case "$verb" in
    +) list="$list$pid " ;;
    -) list="\${list%% $pid *} \${list#* $pid }" ;;
  esac
done
for pid in $list; do kill -TERM "$pid" 2>/dev/null; done
`;

let watchdog: ChildProcess | undefined;

function send(verb: "+" | "-", pid: number): void {
  if (process.platform === "win32") return;
  if (watchdog === undefined) {
    watchdog = spawn("sh", ["-c", script], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
    watchdog.on("error", () => undefined);
    watchdog.stdin?.on("error", () => undefined);
    watchdog.unref();
    // Without this the open pipe alone would keep the command running after its work is done.
    (watchdog.stdin as { unref?: () => void } | null)?.unref?.();
  }
  watchdog.stdin?.write(`${verb} ${pid}\n`);
}

export function watchChild(pid: number): void {
  send("+", pid);
}

export function unwatchChild(pid: number): void {
  send("-", pid);
}
