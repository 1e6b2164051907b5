// The page of the race lab: the switches, what each does, and the runs side by side, as a picture and in numbers. Works without script.
import { drawRun, escaped, SIGNS } from "./lab-picture.ts";
import type { Mark } from "./lab-picture.ts";
import { isClean } from "./lab-result.ts";
import type { LabResult } from "./lab-result.ts";
import { LAST_UNITS } from "./lab-sale.ts";
import { renderGuide } from "./render-guide.ts";
import { nameOf, SWITCH_NAMES, SWITCH_TEXTS } from "./switches.ts";
import type { Switches } from "./switches.ts";

export type LabPage = {
  switches: Switches;
  seed: number;
  running: { title: string; left: number } | null;
  failure: string | null;
  results: readonly LabResult[];
  /** Whether the whole of Holdfast can be put beside it. */
  withHoldfast: boolean;
  /** The simulated admin, if there is one. */
  adminUrl: string | null;
};

/** As many as one press of a button makes, and Holdfast beside them; all runs stand in the table. */
const PICTURES = 8;

export const HOLDFAST_TITLE = "The whole Holdfast";

export function titleOf(result: LabResult): string {
  return result.kind === "holdfast" ? HOLDFAST_TITLE : nameOf(result.switches);
}

export function labPage(page: LabPage): string {
  return documentOf(
    "Race lab",
    `<header><h1>Race lab</h1>
<p>28 orders come in through a channel whose orders take no stock by themselves; every notification is sent twice. While they are worked on, eight
buyers order in the online store, one answer of Shopify is lost, and in the middle the handler is killed and Redis comes back empty. Then twelve
buyers want the last ${LAST_UNITS.available} lamps at the same moment. The same seed is the same sale. Switch a protection off and see what it was for.</p>
${page.adminUrl === null ? "" : `<p><a href="${escaped(page.adminUrl)}">Back to the simulated admin</a></p>`}</header>
<main>
${form(page)}
<section aria-labelledby="runs"><h2 id="runs">Runs</h2>
<p id="status" role="status">${status(page)}</p>
${page.results.length === 0 ? "<p>Nothing was run yet.</p>" : `${pictures(page.results)}${table(page.results)}${clearForm(page)}`}
</section>
</main>
${page.running === null ? "" : `<script>${watch(page.results.length)}</script>`}`,
  );
}

export function guidePage(markdown: string): string {
  return documentOf("Races in orders and payments", `<main class="guide"><p><a href="/">Back to the race lab</a></p>${renderGuide(markdown)}</main>`);
}

function form({ switches, seed, running, withHoldfast }: LabPage): string {
  const disabled = running === null ? "" : " disabled";
  const boxes = SWITCH_NAMES.map((name) => {
    const { title, on, off, guide } = SWITCH_TEXTS[name];
    return `<div class="switch"><label><input type="checkbox" name="${name}"${switches[name] ? " checked" : ""} aria-describedby="about-${name}"> ${title}</label>
<p id="about-${name}"><strong>On:</strong> ${on} <strong>Off:</strong> ${off} <a href="/guide#${guide}">Why: ${title.toLowerCase()}</a></p></div>`;
  });
  return `<form method="post" action="/runs"><fieldset><legend>What protects the handler?</legend>${boxes.join("\n")}</fieldset>
<p class="acts"><label>Seed <input type="number" name="seed" value="${seed}" min="0" max="999999" required></label>
<button class="first" name="what" value="one"${disabled}>Start the sale</button>
<button name="what" value="table"${disabled}>Each switch off in turn</button>
${withHoldfast ? `<button name="what" value="holdfast"${disabled}>${HOLDFAST_TITLE}</button>` : ""}</p></form>`;
}

function clearForm({ running }: LabPage): string {
  return `<form method="post" action="/clear"><button${running === null ? "" : " disabled"}>Forget these runs</button></form>`;
}

function status({ running, failure }: LabPage): string {
  if (running !== null) return `Running: ${escaped(running.title)}${running.left > 0 ? `, ${running.left} more to come` : ""}. <a href="/">Look again</a>`;
  return failure === null ? "Ready." : `The last run failed. ${escaped(failure)}`;
}

function pictures(results: readonly LabResult[]): string {
  const legend = (Object.keys(SIGNS) as Mark[]).map((mark) => `<li><span class="key ${mark}" aria-hidden="true">${SIGNS[mark].sign}</span> ${SIGNS[mark].words}</li>`);
  const figures = results.slice(0, PICTURES).map((result) => `<figure><figcaption><h3>${escaped(titleOf(result))}, seed ${result.seed}</h3>${verdict(result)}</figcaption>${drawRun(result, titleOf(result))}</figure>`);
  return `<ul class="legend">${legend.join("")}</ul><p class="note">The first 28 squares of a run are the channel's orders, the others the lamps that buyers were told are theirs.</p>
<div class="figures">${figures.join("\n")}</div>`;
}

function verdict(result: LabResult): string {
  if (!result.finished) return `<p class="verdict bad">It was given up at its time limit.</p>`;
  if (isClean(result)) return `<p class="verdict good">No unit is wrong.</p>`;
  const kinds = [[result.lost, "lost"], [result.doublyApplied, "taken too often"], [result.oversold, "promised and not there"]] as const;
  const words = kinds.filter(([units]) => units > 0).map(([units, what]) => `${units} ${what}`);
  return `<p class="verdict bad">Wrong units: ${words.join(", ") || "none"}.${result.waiting > 0 ? ` ${result.waiting} notifications lie where nobody looks.` : ""}</p>`;
}

function table(results: readonly LabResult[]): string {
  const most = Math.max(1, ...results.map(({ lost, doublyApplied, oversold }) => lost + doublyApplied + oversold));
  const rows = results.map((result) => {
    const switched = () => SWITCH_NAMES.map((name) => `<td>${result.switches[name] ? "on" : "<strong>off</strong>"}</td>`).join("");
    const states = result.kind === "holdfast" ? `<td colspan="${SWITCH_NAMES.length}">built in: there is nothing to switch</td>` : switched();
    const numbers = [result.lost, result.doublyApplied, result.oversold, result.lateAnswers, result.waiting, result.calls].map((value) => `<td class="number${value > 0 ? "" : " zero"}">${value}</td>`).join("");
    return `<tr><th scope="row">${escaped(titleOf(result))} <small>seed ${result.seed}</small>${bar(result, most)}</th>${states}${numbers}<td class="number">${result.seconds.toFixed(1)}</td></tr>`;
  });
  const heads = [...SWITCH_NAMES.map((name) => SWITCH_TEXTS[name].title), "Units lost", "Units taken too often", "Units oversold", "Answers too late", "Left lying", "Calls to Shopify", "Seconds"];
  return `<div class="wide" tabindex="0" role="region" aria-label="All runs"><table><caption>All runs, newest first</caption>
<thead><tr><th scope="col">Run</th>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>${results.some(({ kind }) => kind === "holdfast") ? HOLDFAST_NOTE : ""}`;
}

/** The three kinds of damage side by side; the numbers stand in the row. */
function bar({ lost, doublyApplied, oversold }: LabResult, most: number): string {
  const share = (units: number) => Math.round((units / most) * 1_000) / 10;
  const [a, b, c] = [share(lost), share(doublyApplied), share(oversold)];
  return `<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="6" class="none"/>
<rect width="${a}" height="6" class="lost"/><rect x="${a}" width="${b}" height="6" class="twice"/><rect x="${a + b}" width="${c}" height="6" class="oversold"/></svg>`;
}

function documentOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body>
${body}
</body></html>`;
}

const HOLDFAST_NOTE = `<p class="note">Holdfast runs at a normal clock and with the leases of production: a call that was under way when its worker was killed is sent again after
16 seconds.</p>`;

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #f3f3f3; color: #1a1a1a }
header, main { max-width: 80rem; margin: 0 auto; padding: 1rem }
h1 { margin: 0 } a { color: #00527c }
fieldset, section, .guide { background: #fff; border: 1px solid #d4d4d4; border-radius: 10px; padding: 1rem; margin: 0 0 1rem }
fieldset { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: .5rem 1.5rem }
.switch label { font-weight: 600 } .switch p { margin: .25rem 0 }
input[type=checkbox] { width: 1.25rem; height: 1.25rem; vertical-align: text-bottom } input[type=number] { font: inherit; width: 6rem; padding: .4rem }
.acts { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center }
button { font: inherit; padding: .5rem 1rem; border-radius: 8px; border: 1px solid #6d6d6d; background: #fff; color: #1a1a1a; cursor: pointer }
button.first { background: #1a1a1a; color: #fff } button:disabled { background: #e3e3e3; color: #595959; cursor: default }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 1rem 2rem }
figure { margin: 0 } figcaption h3 { margin: 0 } .verdict { margin: .25rem 0 .75rem; font-weight: 600 } .good { color: #0c5132 } .bad { color: #8e1f0b }
svg.run { width: 100%; max-width: 28rem; height: auto; display: block }
.unit { stroke: #1a1a1a; stroke-opacity: .25 } .sign { font: 700 16px system-ui, sans-serif; fill: #1a1a1a }
.right { fill: #b4e3c8; background: #b4e3c8 } .lost { fill: #f6b26b; background: #f6b26b } .twice { fill: #c9b3f2; background: #c9b3f2 } .oversold { fill: #f29c9c; background: #f29c9c }
.legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0 }
.key { display: inline-block; width: 1.4rem; height: 1.4rem; border-radius: 4px; text-align: center; font-weight: 700; line-height: 1.4rem }
.note, small { color: #595959 } .wide { overflow-x: auto }
table { border-collapse: collapse; width: 100% } caption { text-align: left; font-weight: 600; padding: .5rem 0 }
th, td { text-align: left; padding: .4rem .4rem; border-top: 1px solid #d4d4d4; vertical-align: top } thead th { font-size: .875rem } tbody th { min-width: 10rem; font-weight: 600 }
.number { text-align: right; font-variant-numeric: tabular-nums; font-weight: 600 } .zero { font-weight: 400; color: #595959 }
.bar { display: block; width: 100%; height: 6px; margin-top: .25rem } .bar .none { fill: #e3e3e3 }
.guide table { width: auto } code { font: 14px ui-monospace, monospace; overflow-wrap: anywhere } .guide p { max-width: 48rem }`;

/** Without it the person looks again. `shown`: how many results the page has. */
function watch(shown: number): string {
  return `async function watch() {
  const state = await fetch("/state").then((answer) => answer.json()).catch(() => null);
  if (state !== null && (state.running === null || state.results !== ${shown})) location.reload();
  else setTimeout(watch, 500);
}
watch();`;
}
