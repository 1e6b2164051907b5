// What the forms of the settings do, whichever page they stand on.

import { sendTestAlert } from "#app/alerts/send-test-alert.server.ts";
import type { ExternalDesk } from "#app/ports/external-pushes.ts";
import { assertNever } from "#app/domain/invariant.ts";

import { checkImport } from "./check-import.server.ts";
import type { EmbeddedContext } from "./embedded-context.server.ts";
import { exportAddress, type ExportPorts } from "./export/serve-export.server.ts";
import { previewRules } from "./preview-rules.server.ts";
import { restoreSettings } from "./restore-settings.server.ts";
import { saveSettings } from "./save-settings.server.ts";
import type { SettingsActionResult } from "./settings-action.ts";
import { missingScopes } from "./settings-permissions.ts";

const EVERYTHING_PATH = "/exports/everything.jsonl";

export type SettingsContext = Omit<EmbeddedContext, "timeZone" | "personToken">;

export interface SettingsPorts {
  readonly exports: Pick<ExportPorts, "secrets" | "clock">;
  readonly externalDesk: Pick<ExternalDesk, "renewSecret">;
}

/** As `changeSettings`, but a failure is an answer: an error page in place of the form would lose what was typed. */
export async function changeSettingsSafely(context: SettingsContext, ports: SettingsPorts, form: FormData): Promise<SettingsActionResult> {
  try {
    return await changeSettings(context, ports, form);
  } catch (error) {
    // Where to sign in again, and the like: Shopify's library throws its answers.
    if (error instanceof Response) throw error;
    context.dependencies.logger.error({ err: error, shop: context.install.shop }, "the settings could not be changed");
    return { kind: "failed" };
  }
}

/**
 * `form` holds `intent` and what belongs to it: `save` with `document`; `restore` with `version` and `expected`; `resume-source` with
 * `sourceKey`; `test-alert` with `index`: which of the saved alerts; `preview` with `document`; `check-import` with `text`;
 * `make-signing-secret`, `make-external-secret`, `offer-everything` and `read-permissions` alone.
 */
export async function changeSettings(context: SettingsContext, ports: SettingsPorts, form: FormData): Promise<SettingsActionResult> {
  const { dependencies, install } = context;
  switch (form.get("intent")) {
    // These change nothing: whoever may open the page may try.
    case "preview":
      return withDocument(form, (document) => previewRules(dependencies, install, document));
    case "check-import":
      return checkImport(dependencies, install, textOf(form, "text"));
    case "offer-everything":
      return { kind: "everything_offered", address: exportAddress(ports.exports, EVERYTHING_PATH, { kind: "everything", install, actor: context.actor, query: "" }) };
    case "test-alert":
      return testAlert(context, Number(form.get("index")));
    case "read-permissions":
      await context.grantedScopesNow();
      return { kind: "permissions_read" };
    case "save":
      return withDocument(form, (document) => save(context, document));
    case "restore":
      return restore(context, Number(form.get("version")), Number(form.get("expected")));
    case "resume-source":
      return (await refused(context)) ?? resume(context, textOf(form, "sourceKey"));
    case "make-signing-secret":
      return (await refused(context)) ?? { kind: "secret_made", secret: await dependencies.alerts.secrets.renewSigningSecret(install.installId, context.actor) };
    case "make-external-secret":
      return (await refused(context)) ?? { kind: "secret_made", secret: await ports.externalDesk.renewSecret({ installId: install.installId, shop: install.shop, actor: context.actor }) };
    default:
      return { kind: "not_understood" };
  }
}

async function save(context: SettingsContext, document: unknown): Promise<SettingsActionResult> {
  const install = await withFreshScopes(context, document);
  const refusal = await refused(context, install.scopes);
  return refusal ?? answerOf(await saveSettings(context.dependencies, { install, document, actor: context.actor }));
}

async function restore(context: SettingsContext, version: number, expectedVersion: number): Promise<SettingsActionResult> {
  if (!Number.isSafeInteger(version) || !Number.isSafeInteger(expectedVersion)) return { kind: "not_understood" };
  const earlier = await context.dependencies.settingsStore.at(context.install.installId, version);
  const install = await withFreshScopes(context, earlier);
  const refusal = await refused(context, install.scopes);
  if (refusal !== null) return refusal;
  const outcome = await restoreSettings(context.dependencies, { install, version, expectedVersion, actor: context.actor });
  if (outcome.kind === "version_not_found") return { kind: "version_not_found" };
  return outcome.kind === "saved" ? { kind: "restored", settings: outcome.settings } : answerOf(outcome);
}

/** Shopify tells us of a new permission in a notification of its own, which may come after the person has pressed Save. */
async function withFreshScopes({ install, grantedScopesNow }: SettingsContext, document: unknown): Promise<SettingsContext["install"]> {
  const wanted = { mode: wantsProtection(document) ? ("enforce" as const) : ("observe" as const), oversell: { holdFulfilment: wantsHolding(document) } };
  const missing = missingScopes(wanted, { mode: "observe", oversell: { holdFulfilment: false } }, install.scopes);
  return missing.length === 0 ? install : { ...install, scopes: await grantedScopesNow() };
}

function wantsProtection(document: unknown): boolean {
  return typeof document === "object" && document !== null && "mode" in document && document.mode === "enforce";
}

function wantsHolding(document: unknown): boolean {
  if (typeof document !== "object" || document === null || !("oversell" in document)) return false;
  const { oversell } = document;
  return typeof oversell === "object" && oversell !== null && "holdFulfilment" in oversell && oversell.holdFulfilment === true;
}

/** Null when the person may go on. */
async function refused({ mayChangeStock }: SettingsContext, appScopes?: readonly string[]): Promise<{ readonly kind: "not_permitted" } | null> {
  return (await mayChangeStock(appScopes)) ? null : { kind: "not_permitted" };
}

function answerOf(outcome: Awaited<ReturnType<typeof saveSettings>>): SettingsActionResult {
  switch (outcome.kind) {
    case "saved":
    case "faults":
    case "conflict":
      return outcome;
    case "unavailable":
      return { kind: "unavailable" };
    default:
      return assertNever(outcome);
  }
}

async function resume({ dependencies, install, actor }: SettingsContext, sourceKey: string): Promise<SettingsActionResult> {
  const result = await dependencies.settingsStore.resumeSource({ installId: install.installId, sourceKey, actor });
  if (result.kind === "resumed") await dependencies.waker.wake(install.shop);
  return result;
}

/** Only what is saved can be tested: nobody makes Holdfast call an address that is not on record. */
async function testAlert({ dependencies, install }: SettingsContext, index: number): Promise<SettingsActionResult> {
  const target = (await dependencies.settingsStore.current(install.installId)).alerts[index];
  if (target === undefined) return { kind: "not_understood" };
  return { kind: "alert_tested", ...(await sendTestAlert(dependencies.alerts, { install, target })) };
}

async function withDocument(form: FormData, use: (document: unknown) => Promise<SettingsActionResult>): Promise<SettingsActionResult> {
  const document = parsed(textOf(form, "document"));
  return document === undefined ? { kind: "not_understood" } : use(document);
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
