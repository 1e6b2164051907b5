// The examples of the HTTP API in the documents are taken by the API's own readers, and its table of errors is the code's.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { commitBody, extendBody, releaseBody, reserveBody } from "#app/api/reservation-bodies.ts";
import { validateSettings } from "#app/domain/settings-validation.ts";

import { type Document, readDocument, ROOT } from "./read-documents.ts";
import { splitShell } from "./shell-words.ts";

const open = (path: string): Document => readDocument(path, readFileSync(join(ROOT, path), "utf8"));
const API = open("docs/reference/api.md");
const TUTORIAL = open("docs/tutorials/hold-stock-in-your-checkout.md");

/** The examples in JSON that have a field of this name at their top. */
function examplesWith(field: string, { samples }: Document): unknown[] {
  return samples.filter(({ language, text }) => language === "json" && new RegExp(`^\\{\\s*"${field}"`).test(text)).map(({ text }) => JSON.parse(text) as unknown);
}

describe("the examples of the API", () => {
  it("of settings are a document without faults", () => {
    const examples = examplesWith("version", API);
    expect(examples).toHaveLength(1);
    expect(examples.map((example) => validateSettings(example))).toEqual([expect.objectContaining({ kind: "ok" })]);
  });

  it("of a reservation are taken", () => {
    const examples = examplesWith("idempotencyKey", API);
    expect(examples).toHaveLength(1);
    expect(examples.map((example) => reserveBody.safeParse(example).error)).toEqual([undefined]);
  });

  it("in curl send bodies that are taken where they are sent to", () => {
    const bodies = [
      { path: /\/reservations$/, body: reserveBody },
      { path: /\/extend$/, body: extendBody },
      { path: /\/commit$/, body: commitBody },
      { path: /\/release$/, body: releaseBody },
    ];
    const sent = TUTORIAL.samples
      .filter(({ language }) => language === "sh")
      .flatMap(({ text }) => splitShell(text))
      .filter(({ words }) => words[0] === "curl" && words.includes("POST"))
      .map(({ words }) => ({ address: words.find((word) => word.startsWith("$APP/")) ?? "", data: words[words.indexOf("-d") + 1] ?? "" }));
    expect(sent).toHaveLength(4);
    for (const { address, data } of sent) {
      const reader = bodies.find(({ path }) => path.test(address))?.body;
      const value: unknown = data.startsWith("{") ? JSON.parse(data) : {};
      expect([address, reader?.safeParse(value).error?.message]).toEqual([address, undefined]);
    }
  });
});

describe("the table of errors", () => {
  it("has every code with its status, and none that there is not", () => {
    const source = readFileSync(join(ROOT, "app/api/respond.ts"), "utf8");
    const answered = [...(/const STATUS[^{]*\{(.*?)\};/s.exec(source)?.[1] ?? "").matchAll(/(\w+): (\d{3})/g)].map(([, code = "", status = ""]) => `${code} ${status}`);
    const chapter = /^### Errors$(.*?)^## /ms.exec(API.text)?.[1] ?? "";
    const told = [...chapter.matchAll(/^\| (`[^|]+`) \| (\d{3}) \|/gm)].flatMap(([, codes = "", status = ""]) => [...codes.matchAll(/`(\w+)`/g)].map(([, code = ""]) => `${code} ${status}`));
    expect(answered.length).toBeGreaterThan(20);
    expect(told.toSorted()).toEqual(answered.toSorted());
  });
});
