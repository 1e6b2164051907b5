// Everything of the admin that the app draws through App Bridge: navigation, title, toasts, save bar, progress, address bar.
import { ask } from "./dialog.ts";
import { answer, element, frame, make, settings, tellApp } from "./frame.ts";
import type { ButtonState } from "../messages.ts";

let path = "/";
let saveBarShown = false;
let confirmDiscard = false;

/** Asks before unsaved changes are lost; true when there are none or the merchant leaves all the same. */
async function mayLeave(): Promise<boolean> {
  if (!saveBarShown) return true;
  return await ask("Leave page with unsaved changes?", "Leaving this page will delete all unsaved changes.", "Leave page", "Stay");
}

async function goTo(href: string): Promise<void> {
  if (await mayLeave()) tellApp("navigate", { href });
}

function markCurrent(): void {
  for (const link of document.querySelectorAll<HTMLElement>("[data-app-href]")) {
    const href = link.dataset["appHref"] ?? "";
    const current = path === href || path.split("?")[0] === href;
    link.toggleAttribute("aria-current", current);
  }
}

function serveNavigation(): void {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-app-href]") : null;
    if (link === null || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    void goTo(link.dataset["appHref"] ?? "/");
  });
  answer("nav", (items) => {
    element("app-nav").replaceChildren(
      ...items.map(({ label, href }) => make("a", label, { href: `${settings.appBase}${href}`, "data-app-href": href })),
    );
    markCurrent();
    return null;
  });
  answer("ready", ({ path: at }) => {
    frame.dataset["ready"] = "true";
    path = at;
    markCurrent();
    return null;
  });
  // The frame's own history entries are part of the tab's: the admin only follows with its address, and Back just works.
  answer("location", ({ path: at }) => {
    path = at;
    history.replaceState(null, "", `${settings.appBase}${at}`);
    markCurrent();
    return null;
  });
  answer("open", async ({ url, newTab }) => {
    if (!url.startsWith("shopify:") && newTab) window.open(url, "_blank");
    else if (!url.startsWith("shopify:")) location.assign(url);
    else await ask("A page of Shopify's own admin", `The app opens ${url}. The simulated admin has only the app itself.`, "Close", "Cancel");
    return null;
  });
}

function paint(button: HTMLElement, state: ButtonState | null): void {
  button.hidden = state === null;
  if (state === null) return;
  button.textContent = state.label;
  button.toggleAttribute("disabled", state.disabled || state.loading);
  button.classList.toggle("loading", state.loading);
}

async function mayDiscard(): Promise<boolean> {
  return !confirmDiscard || (await ask("Discard all unsaved changes?", "If you discard changes, they are lost.", "Discard changes", "Continue editing"));
}

function serveSaveBar(): void {
  answer("saveBar", (state) => {
    saveBarShown = state !== null;
    confirmDiscard = state?.confirmDiscard ?? false;
    element("save-bar").hidden = state === null;
    paint(element("save-bar-save"), state?.save ?? null);
    paint(element("save-bar-discard"), state?.discard ?? null);
    return null;
  });
  element("save-bar-save").addEventListener("click", () => tellApp("saveBarSave", null));
  element("save-bar-discard").addEventListener("click", () => {
    void mayDiscard().then((discard) => (discard ? tellApp("saveBarDiscard", null) : undefined));
  });
  answer("leaveConfirmation", mayLeave);
  window.addEventListener("beforeunload", (event) => {
    if (saveBarShown) event.preventDefault();
  });
}

function serveTitle(): void {
  answer("title", (title) => {
    element("app-title").textContent = title?.title || settings.appName;
    const buttons = (title?.buttons ?? []).map((state, index) => {
      const button = make("button", state.label, { type: "button", class: state.primary ? "primary" : "" }, () => tellApp("titleButton", { index }));
      button.toggleAttribute("disabled", state.disabled || state.loading);
      return button;
    });
    element("title-buttons").replaceChildren(...buttons);
    return null;
  });
  answer("loading", (isLoading) => {
    element("progress").hidden = !isLoading;
    return null;
  });
}

function hideToast(id: string): void {
  const toast = document.querySelector(`[data-toast="${CSS.escape(id)}"]`);
  if (toast === null) return;
  toast.remove();
  tellApp("toastDismiss", { id });
}

function serveToasts(): void {
  answer("toastShow", ({ id, message, isError, durationMs, action }) => {
    const toast = make("div", message, { class: isError ? "toast error" : "toast", "data-toast": id });
    if (action !== null) toast.append(make("button", action, { type: "button" }, () => tellApp("toastAction", { id })));
    toast.append(make("button", "×", { type: "button", "aria-label": "Dismiss" }, () => hideToast(id)));
    element("toasts").append(toast);
    setTimeout(() => hideToast(id), durationMs);
    return null;
  });
  answer("toastHide", (id) => {
    hideToast(id);
    return null;
  });
}

export function serveAppChrome(): void {
  serveNavigation();
  serveSaveBar();
  serveTitle();
  serveToasts();
}
