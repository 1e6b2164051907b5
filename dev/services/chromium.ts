// The browser that the end-to-end tests drive: what is on the machine, or Debian's chromium after the person agreed.
import process from "node:process";
import { ensureSystemPackage } from "./system-package.ts";

/** CHROMIUM_PATH names another browser of the Chromium family. */
export async function findChromium(): Promise<string> {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen !== undefined && chosen !== "") return chosen;
  return await ensureSystemPackage({
    what: "Chromium",
    programs: ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"],
    names: { "apt-get": "chromium", dnf: "chromium", apk: "chromium", pacman: "chromium", zypper: "chromium" },
    otherwise: "Or set CHROMIUM_PATH to a browser of the Chromium family.",
  });
}
