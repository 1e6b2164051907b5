// Starts the processes of the simulator's custom checkout, each with a journal of its own that outlives it.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { findFreePort } from "../services/free-port.ts";
import { startAppProcess } from "./start-processes.ts";
import type { AppProcess, DemoFrame } from "./start-processes.ts";

export type CheckoutProcess = AppProcess & { origin: string };

export async function startCheckouts(frame: DemoFrame, count: number, env: Readonly<Record<string, string>>): Promise<CheckoutProcess[]> {
  const folder = join(frame.root, ".holdfast", `checkouts-${process.pid}`);
  await mkdir(folder, { recursive: true });
  frame.shutdown.add("the checkouts' journals", async () => await rm(folder, { recursive: true, force: true }));
  return await Promise.all(Array.from({ length: count }, async (_, index) => await startCheckout(frame, index + 1, folder, env)));
}

async function startCheckout(frame: DemoFrame, number: number, folder: string, env: Readonly<Record<string, string>>): Promise<CheckoutProcess> {
  const name = `checkout-${number}`;
  const port = await findFreePort();
  const origin = `http://127.0.0.1:${port}`;
  const own = { ...env, CHECKOUT_PORT: String(port), CHECKOUT_JOURNAL: join(folder, `${name}.journal`) };
  const running = await startAppProcess(frame, { name, args: ["simulator/checkout/main.ts"], env: own, healthUrl: `${origin}/purchases`, readyUrl: `${origin}/purchases` });
  return Object.assign(running, { origin });
}
