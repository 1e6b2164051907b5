// Puts together `window.shopify`, the object an embedded app knows App Bridge by. Loaded in every document of the app.
import { adminOrigin, apiKey, call, isFramed, onAdmin, tell } from "./connection.ts";
import { followReload, idToken, parameter, patchFetch } from "./session.ts";
import { defineNavigation, followNavigation, patchOpen, visiblePath } from "./navigation.ts";
import { defineBars, saveBar } from "./bars.ts";
import { modal, ModalElement } from "./modal.ts";
import type { PickerOptions } from "../messages.ts";

type ToastOptions = { duration?: number; isError?: boolean; action?: string; onAction?: () => void; onDismiss?: () => void };
type AskedPicker = Partial<Omit<PickerOptions, "selectedIds" | "variants">> & {
  type: PickerOptions["type"];
  filter?: { variants?: boolean };
  selectionIds?: { id: string; variants?: { id: string }[] }[];
};

const toastDurationMs = 5_000;
const toasts = new Map<string, ToastOptions>();
let toastCount = 0;

const toast = {
  show(message: string, options: ToastOptions = {}): string {
    toastCount += 1;
    const id = `toast-${toastCount}`;
    toasts.set(id, options);
    const { isError = false, duration = toastDurationMs, action = null } = options;
    tell("toastShow", { id, message, isError, durationMs: duration, action });
    return id;
  },
  hide: (id: string) => tell("toastHide", id),
};

/** Undefined when the merchant closed the picker. The list also carries itself as `selection`, as the real one does. */
async function resourcePicker(asked: AskedPicker): Promise<unknown[] | undefined> {
  const chosen = await call("resourcePicker", {
    type: asked.type,
    multiple: asked.multiple ?? false,
    action: asked.action ?? "add",
    query: asked.query ?? "",
    variants: asked.filter?.variants ?? true,
    selectedIds: (asked.selectionIds ?? []).flatMap(({ id, variants }) => [id, ...(variants ?? []).map((variant) => variant.id)]),
  });
  return chosen === null ? undefined : Object.assign(chosen, { selection: chosen });
}

const scopes = {
  query: async () => await call("scopesQuery", null),
  async request(wanted: string[]) {
    const { accepted, detail } = await call("scopesChange", { request: wanted });
    return { result: accepted ? "granted-all" : "declined-all", detail };
  },
  async revoke(unwanted: string[]) {
    return { detail: (await call("scopesChange", { revoke: unwanted })).detail };
  },
};

const nothing = () => undefined;

function createGlobal() {
  return {
    config: { apiKey, shop: parameter("shop"), host: parameter("host"), locale: parameter("locale") || "en", appOrigins: [location.origin], disabledFeatures: [], experimentalFeatures: [], debug: {} },
    origin: adminOrigin,
    ready: Promise.resolve(),
    environment: { embedded: isFramed, mobile: false, pos: false, intent: false },
    idToken,
    user: async () => await call("user", null),
    loading: (isLoading = true) => tell("loading", isLoading),
    toast,
    resourcePicker,
    saveBar,
    modal,
    scopes,
    setSignals: nothing,
    webVitals: { onReport: async () => nothing },
    support: { registerHandler: nothing },
    reviews: { request: async () => ({ success: false, code: "merchant-ineligible", message: "The simulated admin takes no reviews." }) },
    /** Says which App Bridge this is, for whoever debugs. */
    simulated: true,
  };
}

function start(): void {
  parameter("embedded");
  if (!isFramed) return openInAdmin();
  Object.defineProperty(window, "shopify", { value: createGlobal(), configurable: true });
  patchFetch();
  patchOpen();
  defineNavigation();
  defineBars();
  customElements.define("ui-modal", ModalElement);
  onAdmin("toastAction", ({ id }) => toasts.get(id)?.onAction?.());
  onAdmin("toastDismiss", ({ id }) => (toasts.get(id)?.onDismiss?.(), toasts.delete(id)));
  if (new URLSearchParams(location.search).has("shopify-reload")) void followReload();
  else {
    followNavigation();
    tell("ready", { path: visiblePath() });
  }
}

/** An app page opened by itself is brought into its admin, as App Bridge does. */
function openInAdmin(): void {
  const shop = parameter("shop");
  if (shop === "" || apiKey === "") return;
  location.replace(`${adminOrigin}/store/${shop}/apps/${apiKey}${visiblePath()}`);
}

if (!("shopify" in window) || window.shopify === undefined) start();
