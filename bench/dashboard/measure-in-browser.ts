// What a merchant feels: each page loaded anew in the admin's frame, in Chromium on a processor four times slower, and used by real clicks and keys.

import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

import { type Browser, chromium, type Frame, type Page, type Response } from "playwright-core";

import { findChromium } from "#dev/services/chromium.ts";

import { percentile } from "../reservations/buy.ts";
import { collectVitals, type CollectedVitals, readVitals } from "./collect-vitals.ts";
import type { MeasuredPage } from "./pages.ts";
import { BIG, type House } from "./start-house.ts";
import { isSeen, usePage } from "./use-page.ts";

export const CPU_SLOWDOWN = 4;
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const WAIT_LIMIT_MS = 30_000;

export interface BrowserFigures {
  /** 75th percentile of the loads, as Shopify judges. */
  readonly lcpMs: number;
  readonly cls: number;
  /** What moved most on the load that was used. */
  readonly moved: string | null;
  /** Longest of all interactions with the page; null: it has nothing to use. */
  readonly inpMs: number | null;
  /** The interaction that took longest. */
  readonly slowest: string | null;
  readonly interactions: number;
  /** Scripts, gzipped; App Bridge is Shopify's. */
  readonly scriptKb: number;
  readonly styleKb: number;
}

export interface BrowserInput {
  readonly loads: number;
  readonly signal: AbortSignal;
}

export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: await findChromium(), args: FLAGS });
}

/** Every load begins with an empty cache, as on the first day; the first of them is used by hand afterwards. */
export async function measureInBrowser(house: House, browser: Browser, page: MeasuredPage, { loads, signal }: BrowserInput): Promise<BrowserFigures> {
  const lcps: number[] = [];
  const shifts: number[] = [];
  let sizes = { scriptKb: 0, styleKb: 0 };
  let used: Awaited<ReturnType<typeof usePage>> = { inpMs: null, slowest: null, interactions: 0, cls: 0, clsTarget: null };
  for (let load = 0; load < loads && !signal.aborted; load += 1) {
    const opened = await open(house, browser, page);
    try {
      const vitals = await settle(opened.frame);
      lcps.push(vitals.lcpMs);
      if (load === 0) {
        sizes = await opened.sizes();
        used = await usePage(opened.page, opened.frame);
      }
      shifts.push(Math.max(vitals.cls, load === 0 ? used.cls : 0));
    } finally {
      await opened.page.context().close();
    }
  }
  return { lcpMs: percentile(lcps, 0.75) ?? 0, cls: Math.max(...shifts), moved: used.clsTarget, inpMs: used.inpMs, slowest: used.slowest, interactions: used.interactions, ...sizes };
}

/** How much slower a loop is with the brake than without, in the app's own frame: a brake that does not hold would flatter everything. */
export async function measureSlowdown(house: House, browser: Browser): Promise<number> {
  const { page, frame, slowDown } = await open(house, browser, { name: "Help", route: "app.help", path: "/app/help", inBrowser: true });
  await isSeen(frame);
  const medianMs = async () =>
    await frame.evaluate(() => {
      const takenMs: number[] = [];
      for (let turn = 0; turn < 30; turn += 1) {
        const began = performance.now();
        let sum = 0;
        for (let step = 0; step < 2_000_000; step += 1) sum = (sum + step * 31) % 1_000_003;
        takenMs.push(performance.now() - began + sum * 0);
      }
      return takenMs.sort((one, other) => one - other)[15] ?? 0;
    });
  const slow = await medianMs();
  await slowDown(1);
  const fast = await medianMs();
  await page.context().close();
  return slow / fast;
}

interface Opened {
  readonly page: Page;
  readonly frame: Frame;
  slowDown(times: number): Promise<void>;
  sizes(): Promise<{ scriptKb: number; styleKb: number }>;
}

async function open(house: House, browser: Browser, { path }: MeasuredPage): Promise<Opened> {
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`;
  const context = await browser.newContext({ userAgent, viewport: { width: 1440, height: 900 } });
  context.setDefaultTimeout(WAIT_LIMIT_MS);
  await context.addInitScript({ content: await webVitals() });
  await context.addInitScript(collectVitals);
  const page = await context.newPage();
  const answers: Response[] = [];
  page.on("response", (response) => void (response.url().startsWith(house.webUrl) && answers.push(response)));
  const session = await context.newCDPSession(page);
  const slowDown = async (times: number) => void (await session.send("Emulation.setCPUThrottlingRate", { rate: times }));
  await slowDown(CPU_SLOWDOWN);
  await page.goto(`${house.simulator.origin}/store/${BIG}/apps/holdfast${path}`);
  await page.waitForSelector("iframe[data-ready]");
  const frame = await (await page.waitForSelector("#app-frame")).contentFrame();
  if (frame === null) throw new Error("the app's frame is gone");
  await frame.locator("h1").first().waitFor();
  return { page, frame, slowDown, sizes: async () => ({ scriptKb: await gzippedKb(answers, "script"), styleKb: await gzippedKb(answers, "stylesheet") }) };
}

async function gzippedKb(answers: readonly Response[], type: string): Promise<number> {
  const bodies = await Promise.all(answers.filter((answer) => answer.request().resourceType() === type && answer.ok()).map((answer) => answer.body()));
  return bodies.reduce((sum, body) => sum + gzipSync(body).byteLength, 0) / 1_024;
}

/** Loaded, hydrated and at rest: nothing is drawn for the first time after that without somebody doing something. */
async function settle(frame: Frame): Promise<CollectedVitals> {
  await frame.waitForLoadState("networkidle");
  await isSeen(frame);
  return await readVitals(frame);
}

let script: string | undefined;

async function webVitals(): Promise<string> {
  // What an injected script declares is its own; the next one finds only what lies on the window.
  script ??= `${await readFile(join(dirname(createRequire(import.meta.url).resolve("web-vitals")), "web-vitals.attribution.iife.js"), "utf8")}\n;window.webVitals = webVitals;`;
  return script;
}
