// A real Chromium for tests, driven by playwright-core, that the app does not take for a bot.
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { findChromium } from "#dev/services/chromium.ts";

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
/** What a wait for something on a page may take: generous, because a test machine may be busy. */
const waitLimitMs = 20_000;

export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: await findChromium(), args: flags });
}

/** A browser of a person's own: nothing cached, nothing remembered. Shopify's library answers 410 to "HeadlessChrome", so it calls itself plain Chrome. */
export async function openContext(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`;
  const context = await browser.newContext({ userAgent, viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(waitLimitMs);
  return context;
}

/** A page in a browser of its own. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await openContext(browser, options);
  const page = await context.newPage();
  // When the whole browser is closed, the context goes with it and need not be asked.
  page.on("close", () => void context.close().catch(() => undefined));
  return page;
}
