import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { isAllowed, LICENCE_LIST, notAllowed, readPackages, writeLicenceList } from "./licences.ts";

const ROOT = join(import.meta.dirname, "..");

describe("what Holdfast ships with", () => {
  it("is under licences that were agreed to, each package of it", async () => {
    expect(notAllowed(await readPackages(ROOT))).toEqual([]);
  });

  it("is listed as it is: run `node dev/licences.ts` when this fails", async () => {
    expect(await readFile(join(ROOT, LICENCE_LIST), "utf8")).toBe(writeLicenceList(await readPackages(ROOT)));
  });

  it("could not hold a licence that asks for more without anybody noticing", () => {
    expect(["GPL-3.0", "AGPL-3.0-only", "SSPL-1.0", "not named", "MIT AND GPL-2.0", "SEE LICENSE IN LICENSE.md"].map(isAllowed)).toEqual([false, false, false, false, false, false]);
    expect(["MIT", "(Apache-2.0 AND MIT)", "(MPL-2.0 OR Apache-2.0)"].map(isAllowed)).toEqual([true, true, true]);
    expect(notAllowed([{ name: "x", version: "1", licence: "GPL-3.0", isDev: false }, { name: "y", version: "1", licence: "GPL-3.0", isDev: true }]).map(({ name }) => name)).toEqual(["x"]);
  });
});
