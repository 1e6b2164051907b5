import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";

import { checkExtension } from "./check-extension.ts";
import { HOLDFAST_NEEDS } from "./holdfast-needs.ts";

const FILE = `
api_version = "2026-07"
[[extensions]]
name = "t:name"
handle = "holdfast-order-stock"
type = "ui_extension"
[[extensions.targeting]]
module = "./src/order-stock.tsx"
target = "admin.order-details.block.render"
`;
const FOLDER = { name: "holdfast-order-stock", files: ["shopify.extension.toml", "src/order-stock.tsx", "locales/en.default.json"], words: ["name"] };
const TRIGGER = `
[[extensions]]
name = "Oversell opened"
type = "flow_trigger"
handle = "opened"
[settings]
[[settings.fields]]
type = "single_line_text_field"
key = "Units short"
`;

const faults = (file: string, folder = FOLDER) => checkExtension(parse(file), folder, HOLDFAST_NEEDS).map(({ at, code }) => `${code} ${at}`);

describe("an extension's file", () => {
  it("that fits its folder has no fault", () => {
    expect(faults(FILE)).toEqual([]);
    expect(faults(TRIGGER, { name: "opened", files: [], words: [] })).toEqual([]);
  });

  it.each([
    ["another handle than its folder", FILE.replace('"holdfast-order-stock"', '"order-stock"'), ["handle_differs extensions[0].handle"]],
    ["a module that is not there", FILE.replace("order-stock.tsx", "order.tsx"), ["module_missing extensions[0].targeting[0].module"]],
    ["a place in the admin for which there is nothing", FILE.replace("order-details", "customer-details"), ["target_unknown extensions[0].targeting[0].target"]],
    ["another version of the API", FILE.replace("2026-07", "2025-07"), ["version_differs api_version"]],
    ["a name without words", FILE.replace("t:name", "t:title"), ["words_missing extensions[0].name"]],
    ["a key that nobody knows", FILE.replace("target =", "traget ="), ["wrong_shape extensions[0].targeting[0].target", "unknown_key extensions[0].targeting[0].traget"]],
    ["a kind that Holdfast has none of", FILE.replace("ui_extension", "theme"), ["wrong_shape extensions[0].type"]],
    ["a handle that Shopify cuts", FILE.replace('"holdfast-order-stock"', `"${"h".repeat(31)}"`), ["wrong_shape extensions[0].handle"]],
  ])("with %s is told so", (_, file, found) => {
    expect(faults(file)).toEqual(found);
  });

  it("whose trigger has a field of more than letters and spaces is told so, for Shopify says it only at the deployment", () => {
    expect(faults(TRIGGER.replace("Units short", "Units_short"), { name: "opened", files: [], words: [] })).toEqual(["wrong_shape settings.fields[0].key"]);
  });
});
