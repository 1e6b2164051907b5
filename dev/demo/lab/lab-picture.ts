// Draws one run of the race lab: a square for every order line and every lamp that was promised, drawn on the server as SVG.
import type { LabResult } from "./lab-result.ts";
import { LAST_UNITS } from "./lab-sale.ts";

export type Mark = "right" | "lost" | "twice" | "oversold";
export type MarkedUnit = { mark: Mark; text: string };

/** Squares in a row, so that the picture is readable on a phone. */
const ACROSS = 14;
const SIZE = 22;
const STEP = 26;

/** Never colour alone: each kind has a sign of its own. */
export const SIGNS: Readonly<Record<Mark, { sign: string; words: string }>> = {
  right: { sign: "", words: "as it should be" },
  lost: { sign: "–", words: "units lost" },
  twice: { sign: "+", words: "units taken too often" },
  oversold: { sign: "!", words: "promised, and not there" },
};

export function unitsOf(result: LabResult): MarkedUnit[] {
  const lines = result.lines.map(({ wanted, taken }, index): MarkedUnit => {
    const mark = taken < wanted ? "lost" : taken > wanted ? "twice" : "right";
    return { mark, text: `Order ${index + 1}: ${wanted} sold, ${taken} taken` };
  });
  const lamps = Array.from({ length: result.counterSold }, (_, index): MarkedUnit => {
    const there = index < LAST_UNITS.available;
    return { mark: there ? "right" : "oversold", text: there ? `Lamp ${index + 1}: promised and there` : `Lamp ${index + 1}: promised to one buyer too many` };
  });
  return [...lines, ...lamps];
}

/** `title` names the run; the table beside the picture says the same in numbers. */
export function drawRun(result: LabResult, title: string): string {
  const units = unitsOf(result);
  const rows = Math.ceil(units.length / ACROSS);
  const squares = units.map(({ mark, text }, index) => {
    const [x, y] = [(index % ACROSS) * STEP, Math.floor(index / ACROSS) * STEP];
    const sign = SIGNS[mark].sign;
    const letter = sign === "" ? "" : `<text x="${x + SIZE / 2}" y="${y + 16}" text-anchor="middle" class="sign">${sign}</text>`;
    return `<g><title>${text}</title><rect x="${x}" y="${y}" width="${SIZE}" height="${SIZE}" rx="4" class="unit ${mark}"/>${letter}</g>`;
  });
  const wrong = (["lost", "twice", "oversold"] as const).map((mark) => [mark, units.filter((unit) => unit.mark === mark).length] as const).filter(([, count]) => count > 0);
  const summary = wrong.length === 0 ? "every order and lamp is as it should be" : wrong.map(([mark, count]) => `${count} with ${SIGNS[mark].words}`).join(", ");
  return `<svg class="run" role="img" viewBox="0 0 ${ACROSS * STEP - (STEP - SIZE)} ${rows * STEP - (STEP - SIZE)}" aria-label="${escaped(title)}: ${units.length} orders and lamps, ${summary}">${squares.join("")}</svg>`;
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
