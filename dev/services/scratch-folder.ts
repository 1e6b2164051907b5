// Where data lie that go with the run: in memory where there is room, because most of what a test costs a machine's disk is making and dropping databases.
import { readdir, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { isAlive } from "./is-alive.ts";

const MEMORY = "/dev/shm";
/** A run of all tests needs one; what else lies there, PostgreSQL's shared memory for one, wants some, too. */
const ROOM_BYTES = 4 * 1024 ** 3;
const NAME = /^holdfast-scratch-(\d+)$/;

/** A folder in memory for this process, or `otherwise` where there is no room. Whoever asks for it makes and removes it. */
export async function findScratchFolder(otherwise: string): Promise<string> {
  const room = await statfs(MEMORY).then(({ bavail, bsize }) => bavail * bsize, () => 0);
  if (room < ROOM_BYTES) return otherwise;
  await removeAbandoned();
  return join(MEMORY, `holdfast-scratch-${process.pid}`);
}

/** What a run that was killed left there would take memory until the machine is started again. */
async function removeAbandoned(): Promise<void> {
  for (const entry of await readdir(MEMORY)) {
    const pid = NAME.exec(entry)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(MEMORY, entry), { recursive: true, force: true }).catch(() => undefined);
  }
}
