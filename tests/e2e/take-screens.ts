// Not a test of anything: opens every page of the list as a desk and as a phone shows it, and keeps the pictures. `node dev/screens.ts` runs it.
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "#tests/setup/e2e/app-process.ts";
import { merchantInChromium } from "#tests/setup/e2e/merchant.ts";
import { openShopOfPages, PAGES } from "#tests/setup/e2e/pages.ts";
import type { ShopOfPages } from "#tests/setup/e2e/pages.ts";

const FOLDER = join(ROOT, "docs", "screens");
/** Text stays sharp, and all pages together stay below 6 MB. */
const JPEG_QUALITY = 45;
/** Higher pages are cut: what is below looks like what is above. */
const HEIGHT_MAX = 2_400;

const SIZES = [
  ["desk", { viewport: { width: 1280, height: 900 } }],
  ["phone", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
] as const;

describe("every page", () => {
  const merchant = merchantInChromium();
  let opened: ShopOfPages;

  beforeAll(async () => {
    opened = await openShopOfPages(merchant.whole, "screens");
    await mkdir(FOLDER, { recursive: true });
    for (const name of await readdir(FOLDER)) if (name.endsWith(".jpg")) await rm(join(FOLDER, name));
  });

  describe.each(SIZES)("as a %s shows it", (size, options) => {
    it.each(PAGES)("%s", async (name, heading, path) => {
      const { admin, app, frame } = await merchant.open(opened.small.shop, path(opened.ids), options);
      await app.getByRole("heading", { level: 1, name: heading }).waitFor();
      // What happens in the shop stands beside the app in the simulated admin only.
      await admin.addStyleTag({ content: "aside.world { display: none }" });
      // The admin's frame is as high as the window; so that the whole page is in it, the window takes the page's height.
      const height = await (await frame()).evaluate(() => document.documentElement.scrollHeight);
      expect(height).toBeGreaterThan(0);
      const { width, height: least } = options.viewport;
      await admin.setViewportSize({ width, height: Math.min(HEIGHT_MAX, Math.max(least, height + 80)) });
      await admin.screenshot({ path: join(FOLDER, `${fileNameOf(name)}.${size}.jpg`), type: "jpeg", quality: JPEG_QUALITY, animations: "disabled" });
    });
  });
});

function fileNameOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}
