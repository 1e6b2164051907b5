// The page of the custom checkout: two buyers, one last unit, and a switch between looking first and holding first.

export function lastUnitPage({ title, variantId }: { title: string; variantId: string }): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>The last ${escaped(title)}</title>
<style>${STYLE}</style></head>
<body><main>
<h1>The last ${escaped(title)}</h1>
<p>A checkout of the shop's own. On sale in Shopify now: <strong id="stock">…</strong></p>
<fieldset><legend>How does the checkout go about it?</legend>
<label><input type="radio" name="way" value="hold" checked> Hold the unit, then charge</label>
<label><input type="radio" name="way" value="naive"> Look whether it is there, then charge</label>
</fieldset>
<p class="acts"><button id="both" class="first">Both buy at the same moment</button> <button id="deliver">The warehouse delivers one more</button></p>
<div class="buyers">
${["Ada", "Ben"].map(buyerPane).join("\n")}
</div>
<p class="note">Ticking “clicks twice” sends the same purchase two times. Holding first, both clicks are one purchase: they carry the same token.</p>
</main>
<script>const variantId = ${JSON.stringify(variantId).replaceAll("<", "\\u003c")};\n${SCRIPT}</script>
</body></html>`;
}

function buyerPane(name: string): string {
  return `<section data-buyer="${name}"><h2>${name}</h2>
<label><input type="checkbox" class="twice"> clicks twice</label>
<label><input type="checkbox" class="declined"> card is declined</label>
<button class="buy">Buy</button>
<ol aria-live="polite"></ol></section>`;
}

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #f3f3f3; color: #1a1a1a }
main { max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
.acts { display: flex; flex-wrap: wrap; gap: .5rem }
.buyers { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem }
section, fieldset { background: #fff; border: 1px solid #d4d4d4; border-radius: 10px; padding: 1rem }
label { display: block; padding: .25rem 0 }
button { font: inherit; padding: .5rem 1rem; border-radius: 8px; border: 1px solid #8a8a8a; background: #fff; cursor: pointer }
button.first { background: #1a1a1a; color: #fff }
ol { padding-left: 1.25rem; min-height: 3rem } .won { color: #0c5132 } .lost { color: #8e1f0b } .note { color: #616161 }`;

const SCRIPT = `
const words = { sold: "bought it", sold_out: "was told: sold out. Nothing was charged", declined: "card declined, unit given back", lapsed: "took too long, nothing was charged",
  refunded: "was charged too late and got the money back", left: "went away", failed: "was told to try again" };
const token = () => Math.random().toString(36).slice(2);
async function click(pane, clientToken) {
  const line = document.createElement("li");
  line.textContent = "pays…";
  pane.querySelector("ol").append(line);
  const body = { clientToken, buyer: pane.dataset.buyer, items: [{ variantId, quantity: 1 }], card: pane.querySelector(".declined").checked ? "declined" : "good",
    naive: document.querySelector("[name=way]:checked").value === "naive" };
  const answer = await fetch("/checkout", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }).then((response) => response.json()).catch(() => ({ kind: "failed" }));
  line.textContent = (words[answer.kind] ?? answer.kind) + (answer.orderId ? " (order " + answer.orderId.split("/").at(-1) + ")" : "");
  line.className = answer.kind === "sold" ? "won" : "lost";
}
function buy(pane) {
  const clientToken = token();
  return Promise.all([click(pane, clientToken), ...(pane.querySelector(".twice").checked ? [click(pane, clientToken)] : [])]);
}
async function look() {
  const level = await fetch("/stock").then((response) => response.json()).catch(() => ({}));
  document.querySelector("#stock").textContent = level.units ?? "not known";
}
const panes = [...document.querySelectorAll("section")];
for (const pane of panes) pane.querySelector(".buy").addEventListener("click", () => buy(pane).then(look));
document.querySelector("#both").addEventListener("click", () => Promise.all(panes.map(buy)).then(look));
document.querySelector("#deliver").addEventListener("click", () => fetch("/deliver", { method: "POST" }).then(look));
look();
setInterval(look, 1000);`;

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
