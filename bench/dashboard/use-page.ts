// Uses a page as a person would, with real events: types into its fields, opens what opens, ticks what ticks; and says which use was slowest.

import type { Frame, Locator, Page } from "playwright-core";

import { readVitals } from "./collect-vitals.ts";

/** Of each kind of control; pages repeat theirs row by row. */
const OF_A_KIND_MAX = 3;
const ACT_LIMIT_MS = 3_000;
/** A quick typist's. */
const KEY_MS = 80;
/** From one control to the next a hand takes longer; frames that were made meanwhile have reached the screen by then. */
const MOVE_MS = 300;
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

type Act = (control: Locator, page: Page, frame: Frame) => Promise<void>;

/** In this order: what leads away from the page is not among them, and what a click opened is closed again. */
const USES: readonly (readonly [kind: string, controls: string, act: Act])[] = [
  ["type", "input[type=text]:visible, input[type=search]:visible, input:not([type]):visible", async (control, page, frame) => {
    await click(control, page, frame);
    await page.keyboard.type("mug 12", { delay: KEY_MS });
    for (const _ of "mug 12") await page.keyboard.press("Backspace", { delay: KEY_MS });
  }],
  ["tick", "label:has(input[type=checkbox])", clickTwice],
  ["open", "button[aria-expanded]:visible, button[aria-haspopup]:visible", async (control, page, frame) => {
    await clickTwice(control, page, frame);
    await page.keyboard.press("Escape");
  }],
  ["tab", "[role=tab]:visible", click],
  ["press", `button:visible:not([aria-expanded]):not([aria-haspopup]):not([type=submit]):not([disabled]):not([aria-disabled=true]):not(${DIALOG} *)`, async (control, page, frame) => {
    await click(control, page, frame);
    await closeDialog(page, frame);
  }],
];

/** As a hand does it: what the tool asks the page beforehand (where it is, whether it can be seen) is over when the button goes down. */
async function click(control: Locator, page: Page, frame: Frame): Promise<void> {
  await control.scrollIntoViewIfNeeded();
  const box = await control.boundingBox();
  if (box === null) throw new Error("it is not on the page any more");
  await page.mouse.move(box.x + Math.min(box.width / 2, CLICK_PX_MAX), box.y + box.height / 2);
  await isSeen(frame);
  await page.waitForTimeout(MOVE_MS);
  await page.mouse.down();
  await page.mouse.up();
  await isSeen(frame);
}

async function clickTwice(control: Locator, page: Page, frame: Frame): Promise<void> {
  await click(control, page, frame);
  await click(control, page, frame);
}

export async function usePage(page: Page, frame: Frame): Promise<PageUse> {
  let interactions = 0;
  const until = performance.now() + USE_LIMIT_MS;
  for (const [, controls, act] of USES) {
    const count = Math.min(await frame.locator(controls).count(), OF_A_KIND_MAX);
    for (let nth = 0; nth < count && performance.now() < until; nth += 1) {
      const control = frame.locator(controls).nth(nth);
      control.page().setDefaultTimeout(ACT_LIMIT_MS);
      // A control may have gone with what an earlier one did.
      const used = await act(control, page, frame).then(() => true, () => false);
      if (used) interactions += 1;
    }
  }
  await isSeen(frame);
  const { inpMs, inpTarget, cls, clsTarget } = await readVitals(frame);
  return { inpMs: interactions === 0 ? null : (inpMs ?? 0), slowest: inpTarget, interactions, cls, clsTarget };
}

/** Nothing is confirmed: a dialog says what would happen, and is left. */
async function closeDialog(page: Page, frame: Frame): Promise<void> {
  if ((await frame.locator(DIALOG).count()) === 0) return;
  await page.keyboard.press("Escape");
  await frame.locator(DIALOG).waitFor({ state: "detached" });
  await isSeen(frame);
}

/** Nobody acts again before there is something to see: drawn, and nothing left to draw. */
export async function isSeen(frame: Frame): Promise<void> {
  await frame.evaluate(async () => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    await new Promise((idle) => requestIdleCallback(idle, { timeout: 1_000 }));
  });
}
