// Which keys shopify.app.toml and an extension's file may have, and of which kind: the CLI builds an app whose misspelt section Shopify never reads.

import { z } from "zod";

const text = z.string().min(1);
const subscription = z.strictObject({
  topics: z.array(text).optional(),
  compliance_topics: z.array(text).optional(),
  uri: text,
  include_fields: z.array(text).optional(),
  filter: text.optional(),
  name: text.optional(),
  metafield_namespaces: z.array(text).optional(),
});

/** The sections that Holdfast uses, and those that an operator may add without anything of Holdfast's depending on it. */
export const appManifest = z.strictObject({
  client_id: text,
  organization_id: text.optional(),
  name: text.max(30, "at most 30 characters"),
  handle: text.optional(),
  application_url: text,
  embedded: z.boolean(),
  extension_directories: z.array(text).optional(),
  web_directories: z.array(text).optional(),
  build: z.strictObject({ automatically_update_urls_on_dev: z.boolean().optional(), dev_store_url: text.optional(), include_config_on_deploy: z.boolean().optional() }).optional(),
  access_scopes: z.strictObject({ scopes: z.string(), optional_scopes: z.array(text).optional(), use_legacy_install_flow: z.boolean().optional() }),
  auth: z.strictObject({ redirect_urls: z.array(text).min(1) }),
  webhooks: z.strictObject({ api_version: text, subscriptions: z.array(subscription) }),
  pos: z.strictObject({ embedded: z.boolean() }).optional(),
  app_preferences: z.strictObject({ url: text }).optional(),
});

export type AppManifest = z.infer<typeof appManifest>;
export type Subscription = z.infer<typeof subscription>;

const named = { name: text, handle: text.max(30, "at most 30 characters"), description: text.optional(), uid: text.optional() };

const uiExtension = z.strictObject({
  ...named,
  type: z.literal("ui_extension"),
  targeting: z.array(z.strictObject({ module: text, target: text })).min(1),
  capabilities: z.strictObject({ api_access: z.boolean().optional(), network_access: z.boolean().optional() }).optional(),
});

const flowTrigger = z.strictObject({ ...named, type: z.literal("flow_trigger") });

export const extensionManifest = z.strictObject({
  api_version: text.optional(),
  extensions: z.array(z.discriminatedUnion("type", [uiExtension, flowTrigger])).min(1),
  settings: z
    .strictObject({
      fields: z.array(
        z.strictObject({
          type: z.enum(["boolean", "customer_reference", "email", "multi_line_text_field", "number_decimal", "order_reference", "product_reference", "single_line_text_field", "url"]),
          // Shopify takes nothing else, and says so only when the app is deployed.
          key: text.regex(/^[A-Za-z]+( [A-Za-z]+)*$/, "letters and single spaces only"),
          description: text.optional(),
        }),
      ),
    })
    .optional(),
});

export type ExtensionManifest = z.infer<typeof extensionManifest>;

export interface ManifestFault {
  /** `webhooks.subscriptions[3].topics` */
  readonly at: string;
  readonly code:
    | "unknown_key"
    | "wrong_shape"
    | "topic_unknown"
    | "topic_missing"
    | "topic_twice"
    | "address_unknown"
    | "personal_field"
    | "whole_body"
    | "scope_missing"
    | "scope_unknown"
    | "scope_too_strong"
    | "scope_twice"
    | "version_differs"
    | "not_embedded"
    | "legacy_install"
    | "insecure_address"
    | "address_differs"
    | "handle_differs"
    | "target_unknown"
    | "module_missing"
    | "words_missing";
  readonly message: string;
}

/** Everything that is wrong with the shape. */
export function shapeFaults(error: z.ZodError): ManifestFault[] {
  return error.issues.flatMap((issue): ManifestFault[] => {
    const at = pathText(issue.path);
    if (issue.code !== "unrecognized_keys") return [{ at, code: "wrong_shape", message: issue.message }];
    return issue.keys.map((key) => ({ at: at === "" ? key : `${at}.${key}`, code: "unknown_key", message: "Holdfast knows no such key; is it misspelt?" }));
  });
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((written, part) => (typeof part === "number" ? `${written}[${part}]` : written === "" ? String(part) : `${written}.${String(part)}`), "");
}
