// Compares shopify.app.toml with what this version of Holdfast needs. Pure: what is read from where is the caller's.

import type { ManifestNeeds } from "./holdfast-needs.ts";
import { appManifest, type AppManifest, type ManifestFault, shapeFaults, type Subscription } from "./manifest-shapes.ts";

/** Names under which an order's people appear. */
const PERSONAL = /customer|email|phone|address|\bnote$|first_?name|last_?name|browser_ip|client_details|latitude|longitude|destination$/i;
/** Topics whose bodies hold nothing of anybody. */
const WITHOUT_PEOPLE = ["app/scopes_update"];

export interface ManifestSurroundings {
  /** As the process is configured; null where it is not known. */
  readonly apiKey: string | null;
  readonly appUrl: string | null;
}

/** An app that was not linked to Shopify yet: the placeholders of the repository. */
export function isPlaceholder(manifest: { readonly client_id?: unknown }): boolean {
  return typeof manifest.client_id === "string" && /^0+$/.test(manifest.client_id);
}

/** `parsed`: the file as TOML. */
export function checkManifest(parsed: unknown, needs: ManifestNeeds, around: ManifestSurroundings = { apiKey: null, appUrl: null }): ManifestFault[] {
  const read = appManifest.safeParse(parsed);
  if (!read.success) return shapeFaults(read.error);
  return [...topicFaults(read.data, needs), ...fieldFaults(read.data), ...scopeFaults(read.data, needs), ...installFaults(read.data, needs), ...addressFaults(read.data, around)];
}

const fault = (at: string, code: ManifestFault["code"], message: string): ManifestFault => ({ at, code, message });
const at = (index: number, key: keyof Subscription) => `webhooks.subscriptions[${index}].${key}`;

function topicFaults({ webhooks: { subscriptions } }: AppManifest, needs: ManifestNeeds): ManifestFault[] {
  const found: ManifestFault[] = [];
  const seen = new Set<string>();
  subscriptions.forEach((subscription, index) => {
    for (const [key, allowed] of [["topics", needs.knownTopics], ["compliance_topics", needs.complianceTopics]] as const) {
      for (const topic of subscription[key] ?? []) {
        if (!allowed.includes(topic)) found.push(fault(at(index, key), "topic_unknown", `Holdfast does nothing with ${topic}`));
        if (seen.has(topic)) found.push(fault(at(index, key), "topic_twice", `${topic} would arrive twice for each event`));
        seen.add(topic);
      }
    }
    if (subscription.uri !== needs.webhookAddress) found.push(fault(at(index, "uri"), "address_unknown", `Holdfast takes notifications at ${needs.webhookAddress}`));
  });
  const missing = [...needs.neededTopics, ...needs.complianceTopics].filter((topic) => !seen.has(topic));
  return [...found, ...missing.map((topic) => fault("webhooks.subscriptions", "topic_missing", `${topic} is not subscribed to`))];
}

function fieldFaults({ webhooks: { subscriptions } }: AppManifest): ManifestFault[] {
  return subscriptions.flatMap((subscription, index) => {
    const { topics = [], include_fields: fields } = subscription;
    const whole = fields === undefined && topics.some((topic) => !WITHOUT_PEOPLE.includes(topic)) ? [fault(at(index, "include_fields"), "whole_body", `without it Shopify sends ${topics.join(", ")} with everything about the customer`)] : [];
    const personal = (fields ?? []).filter((field) => PERSONAL.test(field)).map((field) => fault(at(index, "include_fields"), "personal_field", `${field} is about a person; Holdfast has no use for it`));
    return [...whole, ...personal];
  });
}

function scopeFaults({ access_scopes: { scopes, optional_scopes: optional = [] } }: AppManifest, needs: ManifestNeeds): ManifestFault[] {
  const required = scopes.split(",").map((scope) => scope.trim()).filter((scope) => scope !== "");
  const [inRequired, inOptional] = ["access_scopes.scopes", "access_scopes.optional_scopes"];
  return [
    ...needs.requiredScopes.filter((scope) => !required.includes(scope)).map((scope) => fault(inRequired, "scope_missing", `${scope} is needed from the first day`)),
    ...needs.optionalScopes.filter((scope) => !optional.includes(scope) && !required.includes(scope)).map((scope) => fault(inOptional, "scope_missing", `without ${scope} the feature that needs it cannot be turned on`)),
    ...required.filter((scope) => needs.optionalScopes.includes(scope)).map((scope) => fault(inRequired, "scope_too_strong", `${scope} lets a new install write; it belongs among the optional ones`)),
    ...unknownScopes(inRequired, required, needs),
    ...unknownScopes(inOptional, optional, needs),
    ...[...required, ...optional].filter((scope, index, all) => all.indexOf(scope) < index).map((scope) => fault("access_scopes", "scope_twice", `${scope} is named twice`)),
  ];
}

function unknownScopes(where: string, scopes: readonly string[], { requiredScopes, optionalScopes }: ManifestNeeds): ManifestFault[] {
  return scopes.filter((scope) => !requiredScopes.includes(scope) && !optionalScopes.includes(scope)).map((scope) => fault(where, "scope_unknown", `Holdfast has no use for ${scope}`));
}

function installFaults({ embedded, access_scopes: access, webhooks }: AppManifest, needs: ManifestNeeds): ManifestFault[] {
  return [
    ...(webhooks.api_version === needs.apiVersion ? [] : [fault("webhooks.api_version", "version_differs", `this version of Holdfast reads notifications of ${needs.apiVersion}`)]),
    ...(embedded ? [] : [fault("embedded", "not_embedded", "Holdfast's pages live in the admin and are opened by its session token")]),
    ...(access.use_legacy_install_flow === true ? [fault("access_scopes.use_legacy_install_flow", "legacy_install", "Shopify sends no notifications of this file to apps that install themselves")] : []),
  ];
}

function addressFaults(manifest: AppManifest, { apiKey, appUrl }: ManifestSurroundings): ManifestFault[] {
  const { application_url: address, auth: { redirect_urls: redirects } } = manifest;
  const origin = originOf(address);
  const insecure = [["application_url", address] as const, ...redirects.map((url, index) => [`auth.redirect_urls[${index}]`, url] as const)]
    .filter(([, url]) => originOf(url)?.startsWith("https://") !== true)
    .map(([where, url]) => fault(where, "insecure_address", `${url} is no https:// address`));
  if (isPlaceholder(manifest)) return insecure;
  const elsewhere = redirects.every((url) => originOf(url) !== origin) ? [fault("auth.redirect_urls", "address_differs", `none of them is at ${address}`)] : [];
  const otherApp = apiKey !== null && apiKey !== manifest.client_id ? [fault("client_id", "address_differs", "SHOPIFY_API_KEY is another app's")] : [];
  const otherUrl = appUrl !== null && originOf(appUrl) !== origin ? [fault("application_url", "address_differs", `SHOPIFY_APP_URL is ${appUrl}`)] : [];
  return [...insecure, ...elsewhere, ...otherApp, ...otherUrl];
}

function originOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).origin : null;
}
