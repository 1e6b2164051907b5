// What App Bridge asks the merchant for: products and variants, permissions, and who the merchant is.
import { openDialog } from "./dialog.ts";
import { answer, getJson, make, postJson, settings } from "./frame.ts";
import type { PickerOptions, ScopesDetail } from "../messages.ts";

type PickedVariant = { id: string; displayName: string; sku: string; inventoryQuantity: number };
type PickedProduct = { id: string; title: string; variants: PickedVariant[] };
type Choice = { label: string; hint: string; value: unknown; id: string; words: string };

const data = `/admin-frame-data/${settings.shop}`;

async function pick(options: PickerOptions): Promise<unknown[] | null> {
  if (options.type === "collection") return null;
  const { items } = await getJson<{ items: PickedProduct[] }>(`${data}/products`);
  const choices = items.flatMap((product) => choicesOf(product, options));
  const several = options.multiple !== false;
  const body = make("div", "", { class: "picker" });
  const search = make("input", "", { type: "search", placeholder: "Search products", "aria-label": "Search products", value: options.query }) as HTMLInputElement;
  const list = make("ul");
  const boxes = choices.map((choice) => {
    const row = make("li");
    const box = make("input", "", { type: several ? "checkbox" : "radio", name: "choice" }) as HTMLInputElement;
    box.checked = options.selectedIds.includes(choice.id);
    const label = make("label");
    label.append(box, make("span", choice.label), make("small", choice.hint));
    row.append(label);
    return { box, row, choice };
  });
  const filter = () => {
    const words = search.value.trim().toLowerCase();
    for (const { row, choice } of boxes) row.hidden = words !== "" && !choice.words.includes(words);
  };
  search.addEventListener("input", filter);
  filter();
  list.append(...boxes.map(({ row }) => row));
  body.append(search, list);
  return await openDialog({
    title: `${options.action === "add" ? "Add" : "Select"} ${options.type}s`,
    body,
    accept: options.action === "add" ? "Add" : "Select",
    refuse: "Cancel",
    result() {
      const chosen = boxes.filter(({ box }) => box.checked).map(({ choice }) => choice.value);
      return typeof options.multiple === "number" && chosen.length > options.multiple ? undefined : chosen;
    },
  });
}

function choicesOf(product: PickedProduct, options: PickerOptions): Choice[] {
  if (options.type === "product") {
    const stock = product.variants.reduce((sum, variant) => sum + variant.inventoryQuantity, 0);
    return [{ id: product.id, label: product.title, hint: `${stock} available`, value: product, words: product.title.toLowerCase() }];
  }
  return product.variants.map((variant) => ({
    id: variant.id,
    label: variant.displayName,
    hint: `${variant.sku} · ${variant.inventoryQuantity} available`,
    value: variant,
    words: `${variant.displayName} ${variant.sku}`.toLowerCase(),
  }));
}

async function changeScopes(change: { request: string[] } | { revoke: string[] }): Promise<{ accepted: boolean; detail: ScopesDetail }> {
  const detail = await getJson<ScopesDetail>(`${data}/scopes`);
  if ("revoke" in change) return { accepted: true, detail: await postJson<ScopesDetail>(`${data}/scopes`, change) };
  const missing = change.request.filter((name) => !detail.granted.includes(name));
  const unknown = missing.filter((name) => !detail.optional.includes(name));
  if (unknown.length > 0) throw new Error(`not declared as optional scopes of the app: ${unknown.join(", ")}`);
  if (missing.length === 0) return { accepted: true, detail };
  const list = make("ul");
  list.append(...missing.map((name) => make("li", name)));
  const body = make("div");
  body.append(make("p", `${settings.appName} asks for more permissions in ${settings.shopName}:`), list);
  const accepted = await openDialog({ title: "Update permissions", body, accept: "Update", refuse: "Cancel", result: () => true });
  if (accepted === null) return { accepted: false, detail };
  return { accepted: true, detail: await postJson<ScopesDetail>(`${data}/scopes`, { request: missing }) };
}

export function servePickers(): void {
  answer("idToken", async () => (await postJson<{ token: string }>(`${data}/session-token`)).token);
  answer("resourcePicker", pick);
  answer("scopesQuery", async () => await getJson<ScopesDetail>(`${data}/scopes`));
  answer("scopesChange", changeScopes);
  // The owner of the simulated shop; session tokens carry the same id.
  answer("user", () => ({ id: 42, name: "Shop owner", email: "owner@shop.example" }));
}
