// Uses a page as a person would, with real events: types into its fields, opens what opens, ticks what ticks; and says which use was slowest.

import type { Frame, Locator, Page, Request } from "playwright-core";

import { readVitals } from "./collect-vitals.ts";

/** Of each kind of control; pages repeat theirs row by row. */
const OF_A_KIND_MAX = 3;
const ACT_LIMIT_MS = 3_000;
/** A quick typist's. */
const KEY_MS = 80;
/** From one control to the next a hand takes longer; frames that were made meanwhile have reached the screen by then. */
const MOVE_MS = 300;
/** How long a finger stays on the button. Let go in the same frame, the pressed button is never drawn, and the browser counts until whatever is drawn next. */
const PRESS_MS = 80;
/** How often it is looked whether the server has answered. */
const LOOK_MS = 20;
/** From the left edge: a label may be as wide as the page. */
const CLICK_PX_MAX = 20;
const DIALOG = "[role=dialog]";
/** No further use of a page is begun after that. */
const USE_LIMIT_MS = 20_000;

export interface PageUse {
  readonly inpMs: number | null;
  readonly slowest: string | null;
  readonly interactions: number;
  readonly cls: number;
  readonly clsTarget: string | null;
}

/** Who uses the page. */
interface Hand {
  readonly page: Page;
  readonly frame: Frame;
  /** What the last act asked of the server has come, and is on the screen: nobody acts again before there is something to see. */
  waits(): Promise<void>;
}

type Act = (control: Locator, hand: Hand) => Promise<void>;

/** In this order: what leads away from the page is not among them, and what a click opened is closed again. */
const USES: readonly (readonly [kind: string, controls: string, act: Act])[] = [
  ["type", "input[type=text]:visible, input[type=search]:visible, input:not([type]):visible", async (control, hand) => {
    await click(control, hand);
    await hand.page.keyboard.type("mug 12", { delay: KEY_MS });
    for (const _ of "mug 12") await hand.page.keyboard.press("Backspace", { delay: KEY_MS });
  }],
  ["tick", "label:has(input[type=checkbox])", clickTwice],
  ["open", "button[aria-expanded]:visible, button[aria-haspopup]:visible", async (control, hand) => {
    await clickTwice(control, hand);
    await hand.page.keyboard.press("Escape");
  }],
  ["tab", "[role=tab]:visible", click],
  ["press", `button:visible:not([aria-expanded]):not([aria-haspopup]):not([type=submit]):not([disabled]):not([aria-disabled=true]):not(${DIALOG} *)`, async (control, hand) => {
    await click(control, hand);
    await closeDialog(hand);
  }],
];

/** As a hand does it: what the tool asks the page beforehand (where it is, whether it can be seen) is over when the button goes down. */
async function click(control: Locator, { page, waits }: Hand): Promise<void> {
  // A browser without a screen has a window of its own size: what lies below its edge is never presented, and counts until something above it is.
  await control.evaluate((element) => element.scrollIntoView({ block: "center" }));
  const box = await control.boundingBox();
  if (box === null) throw new Error("it is not on the page any more");
  await page.mouse.move(box.x + Math.min(box.width / 2, CLICK_PX_MAX), box.y + box.height / 2);
  await page.waitForTimeout(MOVE_MS);
  await waits();
  await page.mouse.down();
  await page.waitForTimeout(PRESS_MS);
  await page.mouse.up();
  await waits();
}

async function clickTwice(control: Locator, hand: Hand): Promise<void> {
  await click(control, hand);
  await click(control, hand);
}

/** Nothing is confirmed: a dialog says what would happen, and is left. */
async function closeDialog({ page, frame, waits }: Hand): Promise<void> {
  if ((await frame.locator(DIALOG).count()) === 0) return;
  await page.keyboard.press("Escape");
  await frame.locator(DIALOG).waitFor({ state: "detached" });
  await waits();
}

export async function usePage(page: Page, frame: Frame): Promise<PageUse> {
  let interactions = 0;
  const hand = handOn(page, frame);
  const until = performance.now() + USE_LIMIT_MS;
  for (const [, controls, act] of USES) {
    const count = Math.min(await frame.locator(controls).count(), OF_A_KIND_MAX);
    for (let nth = 0; nth < count && performance.now() < until; nth += 1) {
      const control = frame.locator(controls).nth(nth);
      control.page().setDefaultTimeout(ACT_LIMIT_MS);
      // A control may have gone with what an earlier one did.
      const used = await act(control, hand).then(() => true, () => false);
      if (used) interactions += 1;
    }
  }
  await hand.waits();
  const { inpMs, inpTarget, cls, clsTarget } = await readVitals(frame);
  return { inpMs: interactions === 0 ? null : (inpMs ?? 0), slowest: inpTarget, interactions, cls, clsTarget };
}

function handOn(page: Page, frame: Frame): Hand {
  const asked = new Set<Request>();
  const over = (request: Request) => void asked.delete(request);
  page.on("request", (request) => void (request.frame() === frame && asked.add(request)));
  page.on("requestfinished", over);
  page.on("requestfailed", over);
  const waits = async (): Promise<void> => {
    await isSeen(frame);
    while (asked.size > 0) {
      await page.waitForTimeout(LOOK_MS);
      if (asked.size === 0) await isSeen(frame);
    }
  };
  return { page, frame, waits };
}

/** Drawn, and nothing left to draw. */
export async function isSeen(frame: Frame): Promise<void> {
  await frame.evaluate(async () => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    await new Promise((idle) => requestIdleCallback(idle, { timeout: 1_000 }));
  });
}
