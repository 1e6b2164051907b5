// The glossary of the help page: complete, and each word once.
import { describe, expect, it } from "vitest";

import { GLOSSARY } from "./glossary.ts";
import { PAGE_NAMES } from "./terms.ts";

const words = GLOSSARY.flatMap((group) => group.words);
/** Pages whose names need no explanation. */
const PLAIN = new Set<string>([PAGE_NAMES.home, PAGE_NAMES.notifications, PAGE_NAMES.settings, PAGE_NAMES.help]);

describe("the glossary", () => {
  it("explains the name of every page that is not plain by itself", () => {
    const known = words.map(({ word }) => word.toLowerCase());
    const missing = Object.values(PAGE_NAMES).filter((name) => !PLAIN.has(name) && !known.some((word) => name.toLowerCase().startsWith(word) || `${word}s` === name.toLowerCase() || `${word}es` === name.toLowerCase()));
    expect(missing).toEqual([]);
  });

  it("gives each word once, with a meaning in a sentence and the technical term beneath", () => {
    expect(new Set(words.map(({ word }) => word)).size).toBe(words.length);
    expect(words.filter(({ meaning, term }) => !/^[A-Z].*\.$/.test(meaning) || term.trim() === "")).toEqual([]);
  });
});
