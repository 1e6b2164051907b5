import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";

import { checkManifest } from "./check-manifest.ts";
import { HOLDFAST_NEEDS } from "./holdfast-needs.ts";

const FILE = readFileSync(join(import.meta.dirname, "../../shopify.app.toml"), "utf8");

/** The faults of the repository's manifest after one slip of the pen. */
function after(slip: (file: string) => string, around = { apiKey: null as string | null, appUrl: null as string | null }) {
  const changed = slip(FILE);
  if (changed === FILE) throw new Error("the slip changed nothing");
  return checkManifest(parse(changed), HOLDFAST_NEEDS, around).map(({ at, code }) => `${code} ${at}`);
}

const replace = (from: string | RegExp, to: string) => (file: string) => file.replace(from, to);

describe("a manifest", () => {
  it("as it stands in the repository has no fault", () => {
    expect(checkManifest(parse(FILE), HOLDFAST_NEEDS)).toEqual([]);
  });

  it.each([
    ["a misspelt section", replace("[access_scopes]", "[acces_scopes]"), ["wrong_shape access_scopes", "unknown_key acces_scopes"]],
    ["a misspelt key of a subscription", replace("include_fields = [", "include_field = ["), ["unknown_key webhooks.subscriptions[0].include_field"]],
    ["a name that Shopify cuts", replace('name = "Holdfast"', `name = "${"Holdfast ".repeat(4)}"`), ["wrong_shape name"]],
    ["a topic that nobody handles", replace('"orders/edited"', '"orders/edited", "checkouts/create"'), ["topic_unknown webhooks.subscriptions[1].topics"]],
    ["a misspelt topic", replace('"orders/cancelled"', '"orders/canceled"'), ["topic_unknown webhooks.subscriptions[0].topics", "topic_missing webhooks.subscriptions"]],
    ["a topic that is left out", replace('"orders/paid", ', ""), ["topic_missing webhooks.subscriptions"]],
    ["a topic twice, which Shopify sends twice", replace('"orders/edited"', '"orders/edited", "orders/create"'), ["topic_twice webhooks.subscriptions[1].topics"]],
    ["a compliance topic that is left out", replace(', "shop/redact"', ""), ["topic_missing webhooks.subscriptions"]],
    ["an address without a route", replace('uri = "/webhooks"', 'uri = "/webhook"'), ["address_unknown webhooks.subscriptions[0].uri"]],
    ["a field about a person", replace('"source_name",', '"source_name",\n"customer",'), ["personal_field webhooks.subscriptions[0].include_fields"]],
    ["orders in full", replace(/include_fields = \["order_edit"\]/, ""), ["whole_body webhooks.subscriptions[1].include_fields"]],
    ["another version of the API", replace('api_version = "2026-10"', 'api_version = "2026-07"'), ["version_differs webhooks.api_version"]],
    ["a scope that is left out", replace("read_locations,", ""), ["scope_missing access_scopes.scopes"]],
    ["a scope without use", replace("read_orders,", "read_orders,read_customers,"), ["scope_unknown access_scopes.scopes"]],
    ["an optional scope that is left out", replace('"write_inventory", ', ""), ["scope_missing access_scopes.optional_scopes"]],
    ["writing from the first day", (file: string) => file.replace("read_orders,", "read_orders,write_inventory,").replace('"write_inventory", ', ""), ["scope_too_strong access_scopes.scopes"]],
    ["a scope named twice", replace("read_orders,", "read_orders,read_orders,"), ["scope_twice access_scopes"]],
    ["the old way of installing, which gets no notifications of the file", replace("use_legacy_install_flow = false", "use_legacy_install_flow = true"), ["legacy_install access_scopes.use_legacy_install_flow"]],
    ["pages outside the admin", replace("embedded = true", "embedded = false"), ["not_embedded embedded"]],
    ["an address that is not encrypted", replace('application_url = "https:', 'application_url = "http:'), ["insecure_address application_url"]],
  ])("with %s is told so", (_, slip, faults) => {
    expect(after(slip)).toEqual(faults);
  });

  const linked = (file: string) => file.replace(/client_id = "0+"/, 'client_id = "abc"').replaceAll("https://example.com", "https://holdfast.example.com");

  it("of a linked app is compared with how the process is configured", () => {
    expect(after(linked, { apiKey: "abc", appUrl: "https://holdfast.example.com/" })).toEqual([]);
    expect(after(linked, { apiKey: "other", appUrl: "https://old.example.com" })).toEqual(["address_differs client_id", "address_differs application_url"]);
  });

  it("that leads sign-ins elsewhere is told so", () => {
    expect(after((file) => linked(file).replace("https://holdfast.example.com/auth", "https://old.example.com/auth"))).toEqual(["address_differs auth.redirect_urls"]);
  });

  it("that was not linked yet is not compared with the process", () => {
    expect(checkManifest(parse(FILE), HOLDFAST_NEEDS, { apiKey: "abc", appUrl: "https://other.example.com" })).toEqual([]);
  });
});
