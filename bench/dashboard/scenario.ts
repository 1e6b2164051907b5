// `npm run bench -- dashboard`: every page of the app in a shop with a million audit entries; server times, then what the browser makes of them.

import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";

import { say } from "#dev/services/say.ts";
import type { Shutdown } from "#dev/services/shutdown.ts";

import type { BenchScenario } from "../bench-scenario.ts";
import { askPage } from "./ask-pages.ts";
import { CLS_MAX, INP_MS_MAX, LCP_MS_MAX, SCRIPT_KB_MAX, SERVER_P95_MS_MAX, WARM_UPS } from "./limits.ts";
import { CPU_SLOWDOWN, launchBrowser, measureInBrowser, measureSlowdown } from "./measure-in-browser.ts";
import { findLandmarks, type MeasuredPage, measuredPages } from "./pages.ts";
import { figuresTable, missed, type PageFigures } from "./print-figures.ts";
import { ensureSeeded } from "./seed/ensure-seeded.ts";
import { BIG, type House, startHouse } from "./start-house.ts";

const text = (value: string) => ({ type: "string", default: value }) as const;

interface Options {
  readonly times: number;
  readonly loads: number;
  readonly only: string;
  readonly part: string;
  readonly tell: (line: string) => void;
}

export const dashboard: BenchScenario = {
  name: "dashboard",
  about: "server time, web vitals and JavaScript of every page in a shop with 1,000,000 audit entries, 200,000 notifications and 500 incidents",
  usage: [
    "--times N      requests a page, one at a time, after five that are not counted (60)",
    "--loads N      loads a page in Chromium, each with an empty cache (4)",
    "--only TEXT    pages whose name or address contains it",
    "--part NAME    server, browser or all (all)",
    "--keep DIR     PostgreSQL's data are kept there, seeded once and used again",
    "--table FILE   the table is written there, as Markdown",
    "--json         one JSON document instead of the table",
    `exit code 0: every page's server p95 ≤ ${SERVER_P95_MS_MAX} ms; with the processor slowed down ${CPU_SLOWDOWN} times LCP ≤ ${LCP_MS_MAX} ms, CLS ≤ ${CLS_MAX}, INP ≤ ${INP_MS_MAX} ms;`,
    `             JavaScript ≤ ${SCRIPT_KB_MAX} KB gzipped`,
  ],
  async run(args, shutdown) {
    const flag = { type: "boolean", default: false } as const;
    const options = { times: text("60"), loads: text("4"), only: text(""), part: text("all"), keep: { type: "string" }, table: { type: "string" }, json: flag, yes: flag } as const;
    const { values } = parseArgs({ args: [...args], options });
    const tell = values.json ? () => undefined : say;
    const house = await startHouse(shutdown, { keep: values.keep ?? null });
    await ensureSeeded(house, tell);
    const pages = measuredPages(await findLandmarks(house.databaseUrl, await house.installOf(BIG))).filter(({ name, path }) => `${name} ${path}`.includes(values.only));
    const { figures, slowdown } = await measure(house, pages, { times: Number(values.times), loads: Number(values.loads), only: values.only, part: values.part, tell }, shutdown);
    const table = figuresTable(figures);
    const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), Node ${process.versions.node}; browser, server and database on the same machine`;
    if (values.table !== undefined) await writeFile(values.table, `${table.join("\n")}\n`);
    if (values.json) process.stdout.write(`${JSON.stringify({ machine, slowdown, figures: figures.map((each) => ({ ...each, missed: missed(each) })) })}\n`);
    else for (const line of [machine, ...(slowdown === null ? [] : [`the brake holds: a loop in the frame takes ${slowdown.toFixed(1)} times as long`]), ...table]) tell(line);
    return figures.some((each) => missed(each).length > 0) ? 1 : 0;
  },
};

async function measure(house: House, pages: readonly MeasuredPage[], { times, loads, part, tell }: Options, { signal, add }: Pick<Shutdown, "signal" | "add">): Promise<{ figures: PageFigures[]; slowdown: number | null }> {
  const figures: PageFigures[] = [];
  const began = performance.now();
  for (const page of pages) {
    const server = part === "browser" ? null : await askPage(house, page, { warmUps: WARM_UPS, times, signal });
    figures.push({ page, server, browser: null });
  }
  tell(`server times in ${((performance.now() - began) / 1_000).toFixed(0)} s`);
  if (part === "server") return { figures, slowdown: null };
  const browser = await launchBrowser();
  add("Chromium", async () => await browser.close());
  const slowdown = await measureSlowdown(house, browser);
  for (const [index, page] of pages.entries()) {
    const known = figures[index];
    if (!page.inBrowser || known === undefined || signal.aborted) continue;
    figures[index] = { ...known, browser: await measureInBrowser(house, browser, page, { loads, signal }) };
  }
  tell(`all of it in ${((performance.now() - began) / 1_000).toFixed(0)} s`);
  return { figures, slowdown };
}
