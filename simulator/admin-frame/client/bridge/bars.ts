// The app's title bar and contextual save bar: shown by the admin, their buttons pressed in the app.
import { call, onAdmin, tell } from "./connection.ts";
import type { ButtonState } from "../messages.ts";

function buttonState(button: HTMLElement): ButtonState {
  return {
    label: button.textContent?.trim() ?? "",
    disabled: button.hasAttribute("disabled"),
    loading: button.hasAttribute("loading"),
    primary: button.getAttribute("variant") === "primary",
  };
}

/** What the save bar's two buttons do; at most one save bar is shown at a time. */
type OpenSaveBar = { save: () => void; discard: () => void };
let open: OpenSaveBar | undefined;

export class SaveBarElement extends HTMLElement {
  #shown: OpenSaveBar | undefined;
  readonly #observer = new MutationObserver(() => this.#report());

  connectedCallback(): void {
    this.style.display = "none";
    this.#observer.observe(this, { subtree: true, childList: true, attributes: true, characterData: true });
  }

  disconnectedCallback(): void {
    this.#observer.disconnect();
    this.hide();
  }

  get showing(): boolean {
    return this.#shown !== undefined && this.#shown === open;
  }

  async show(): Promise<void> {
    if (this.showing) return;
    this.#shown = { save: () => this.#button(true)?.click(), discard: () => this.#button(false)?.click() };
    open = this.#shown;
    this.#report();
    this.dispatchEvent(new Event("show"));
  }

  async hide(): Promise<void> {
    if (!this.showing) return;
    open = undefined;
    this.#shown = undefined;
    tell("saveBar", null);
    this.dispatchEvent(new Event("hide"));
  }

  async toggle(): Promise<void> {
    await (this.showing ? this.hide() : this.show());
  }

  #button(primary: boolean): HTMLElement | undefined {
    return [...this.querySelectorAll<HTMLElement>("button")].find((button) => buttonState(button).primary === primary);
  }

  #report(): void {
    if (!this.showing) return;
    const [save, discard] = [this.#button(true), this.#button(false)];
    tell("saveBar", {
      save: save ? { ...buttonState(save), label: buttonState(save).label || "Save" } : null,
      discard: discard ? { ...buttonState(discard), label: buttonState(discard).label || "Discard" } : null,
      confirmDiscard: this.hasAttribute("discardconfirmation"),
    });
  }
}

function plainButton(label: string, primary: boolean): ButtonState {
  return { label, primary, disabled: false, loading: false };
}

function watchedForm(event: Event): HTMLFormElement | undefined {
  const form = event.target instanceof Element ? event.target.closest<HTMLFormElement>("form[data-save-bar]") : null;
  return form ?? undefined;
}

/** `<form data-save-bar>`: any input shows the bar, submitting and resetting hide it. */
function watchForms(): void {
  let current: HTMLFormElement | undefined;
  const showFor = (event: Event) => {
    const form = watchedForm(event);
    if (form === undefined || current === form) return;
    current = form;
    open = { save: () => form.requestSubmit(), discard: () => form.reset() };
    tell("saveBar", { save: plainButton("Save", true), discard: plainButton("Discard", false), confirmDiscard: form.hasAttribute("data-discard-confirmation") });
  };
  const hideFor = (event: Event) => {
    if (watchedForm(event) !== current) return;
    current = undefined;
    open = undefined;
    tell("saveBar", null);
  };
  document.addEventListener("input", showFor);
  document.addEventListener("change", showFor);
  document.addEventListener("submit", hideFor);
  document.addEventListener("reset", hideFor);
}

/** Inside a modal the title bar belongs to the modal, which draws it itself. */
class TitleBarElement extends HTMLElement {
  readonly #observer = new MutationObserver(() => this.#report());

  connectedCallback(): void {
    this.style.display = "none";
    if (this.closest("ui-modal") !== null) return;
    this.#observer.observe(this, { subtree: true, childList: true, attributes: true, characterData: true });
    onAdmin("titleButton", ({ index }) => {
      if (this.isConnected) this.querySelectorAll<HTMLElement>("button, a")[index]?.click();
    });
    this.#report();
  }

  disconnectedCallback(): void {
    this.#observer.disconnect();
    if (this.closest("ui-modal") === null) tell("title", null);
  }

  #report(): void {
    const buttons = [...this.querySelectorAll<HTMLElement>("button, a")].map(buttonState);
    tell("title", { title: this.getAttribute("title") ?? document.title, buttons });
  }
}

export function defineBars(): void {
  customElements.define("ui-save-bar", SaveBarElement);
  customElements.define("ui-title-bar", TitleBarElement);
  onAdmin("saveBarSave", () => open?.save());
  onAdmin("saveBarDiscard", () => open?.discard());
  watchForms();
}

function saveBarById(id: string): SaveBarElement | undefined {
  const element = document.querySelector(`#${CSS.escape(id)}`);
  return element instanceof SaveBarElement ? element : undefined;
}

export const saveBar = {
  show: async (id: string) => await saveBarById(id)?.show(),
  hide: async (id: string) => await saveBarById(id)?.hide(),
  toggle: async (id: string) => await saveBarById(id)?.toggle(),
  /** Resolves when no bar is shown or the merchant chose to leave; stays open when they chose to stay. */
  async leaveConfirmation(): Promise<void> {
    if (open === undefined || (await call("leaveConfirmation", null))) return;
    await new Promise<never>(() => undefined);
  },
};
