// What a merchant does in a browser: opens Holdfast in the (simulated) admin. Anything that goes wrong in the browser fails the test.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Frame, FrameLocator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { launchBrowser, openContext } from "../browser.ts";
import { ROOT } from "./app-process.ts";
import { startWholeApp } from "./whole-app.ts";
import type { WholeApp } from "./whole-app.ts";

const ARTIFACTS = join(ROOT, "tests", ".artifacts");

/** One tab of the admin. */
export interface Visit {
  /** The admin around the app: navigation, save bar, dialogs, toasts, what happens in the shop. */
  readonly admin: Page;
  /** The app inside its frame. */
  readonly app: FrameLocator;
  /** The frame itself, to run code in its document. */
  frame(): Promise<Frame>;
  /** The address as the merchant sees it, from the app's path on. */
  path(): string;
  /** Follows the app's navigation in the admin. */
  goTo(name: string): Promise<void>;
}

export interface VisitOptions extends BrowserContextOptions {
  /** A browser that was never here before. */
  readonly first?: boolean;
}

export interface Merchant {
  readonly whole: WholeApp;
  /** In a tab of its own. Those with the same options share a browser: scripts and styles are in its cache, as a merchant's are. */
  open(shop: string, path?: string, options?: VisitOptions): Promise<Visit>;
  /** Announces an answer of 400 or more, a browser's complaint or a logged error that belongs to the test. */
  expect(problem: RegExp): void;
}

/** Starts everything once for a test file and ends it afterwards, tests that failed included. */
export function merchantInChromium(): Merchant {
  let whole: WholeApp | undefined;
  let browser: Browser | undefined;
  let pages: Page[] = [];
  const contexts = new Map<string, Promise<BrowserContext>>();
  const passing: BrowserContext[] = [];
  let problems: string[] = [];
  let expected: RegExp[] = [];

  beforeAll(async () => {
    whole = await startWholeApp();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await whole?.close();
  });
  afterEach(async ({ task }) => {
    const unexpected = [...problems.filter((problem) => !expected.some((one) => one.test(problem))), ...(whole?.newProblems(expected) ?? [])];
    if (task.result?.state === "fail" || unexpected.length > 0) await photograph(pages, task.name);
    for (const page of pages) await page.close();
    for (const context of passing.splice(0)) await context.close();
    [pages, problems, expected] = [[], [], []];
    if (unexpected.length > 0) throw new Error(`went wrong while the merchant looked on:\n${unexpected.join("\n")}`);
  });

  const contextFor = async (of: Browser, { first = false, ...options }: VisitOptions): Promise<BrowserContext> => {
    if (first) {
      const context = await openContext(of, options);
      passing.push(context);
      return context;
    }
    const key = JSON.stringify(options);
    const context = contexts.get(key) ?? openContext(of, options);
    contexts.set(key, context);
    return context;
  };

  return {
    get whole() {
      if (whole === undefined) throw new Error("only inside a test");
      return whole;
    },
    async open(shop, path = "/app", options = {}) {
      if (whole === undefined || browser === undefined) throw new Error("only inside a test");
      const page = await (await contextFor(browser, options)).newPage();
      pages.push(page);
      watch(page, (problem) => problems.push(problem));
      await page.goto(`${whole.simulator.origin}/store/${shop}/apps/holdfast${path}`);
      await page.waitForSelector("iframe[data-ready]");
      return visit(page);
    },
    expect: (problem) => void expected.push(problem),
  };
}

function visit(page: Page): Visit {
  return {
    admin: page,
    app: page.frameLocator("#app-frame"),
    async frame() {
      const frame = await (await page.waitForSelector("#app-frame")).contentFrame();
      if (frame === null) throw new Error("the app's frame is gone");
      return frame;
    },
    path() {
      const url = new URL(page.url());
      return `${url.pathname.replace(/^\/store\/[^/]+\/apps\/[^/]+/, "")}${url.search}`;
    },
    goTo: async (name) => await page.getByRole("navigation", { name: "Admin" }).getByRole("link", { name, exact: true }).click(),
  };
}

function watch(page: Page, report: (problem: string) => void): void {
  page.on("pageerror", (error) => report(`a script failed: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    // A refused request is reported below, with its status.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) report(`console.error: ${message.text()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) report(`${response.status()} ${response.request().method()} ${withoutToken(response.url())}`);
  });
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText ?? "";
    // What a page that is left no longer waits for.
    if (reason !== "net::ERR_ABORTED") report(`${reason} ${request.method()} ${withoutToken(request.url())}`);
  });
}

function withoutToken(url: string): string {
  return url.replace(/id_token=[^&]+/, "id_token=…");
}

async function photograph(pages: readonly Page[], title: string): Promise<void> {
  await mkdir(ARTIFACTS, { recursive: true });
  const name = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 80);
  for (const [index, page] of pages.entries()) {
    if (!page.isClosed()) await page.screenshot({ path: join(ARTIFACTS, `${name}-${index + 1}.png`), fullPage: true }).catch(() => undefined);
  }
}
