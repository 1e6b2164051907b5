// A plain version of App Bridge's modal: drawn over the app instead of over the whole admin.

export class ModalElement extends HTMLElement {
  /** React renders a modal's content through a portal into this. */
  readonly content: HTMLElement = document.createElement("div");
  #dialog: HTMLDialogElement | undefined;

  connectedCallback(): void {
    this.style.display = "none";
    // React reads `content` after mounting; the event makes wrappers that wait for it look again.
    this.dispatchEvent(new Event("contentready"));
  }

  disconnectedCallback(): void {
    this.#close();
  }

  get showing(): boolean {
    return this.#dialog !== undefined;
  }

  async show(): Promise<void> {
    if (this.#dialog !== undefined) return;
    const bar = this.querySelector("ui-title-bar");
    const dialog = document.createElement("dialog");
    dialog.setAttribute("data-app-bridge-modal", this.id);
    dialog.style.cssText = "border:0;border-radius:12px;padding:0;min-width:min(560px,90vw);max-width:90vw;box-shadow:0 8px 40px rgba(0,0,0,.3);font:14px/1.4 Inter,system-ui,sans-serif";
    const heading = document.createElement("h2");
    heading.textContent = bar?.getAttribute("title") ?? "";
    heading.style.cssText = "margin:0;padding:14px 16px;font-size:15px;background:#f3f3f3";
    const body = document.createElement("div");
    body.style.cssText = "padding:16px;max-height:60vh;overflow:auto";
    const children = [...this.children].filter((child) => child !== bar);
    if (this.content.childNodes.length > 0 || children.length === 0) body.append(this.content);
    else body.append(...children.map((child) => child.cloneNode(true)));
    dialog.append(heading, body, this.#footer(bar));
    dialog.addEventListener("cancel", () => void this.hide());
    document.body.append(dialog);
    dialog.showModal();
    this.#dialog = dialog;
    this.dispatchEvent(new Event("show"));
  }

  async hide(): Promise<void> {
    if (this.#close()) this.dispatchEvent(new Event("hide"));
  }

  async toggle(): Promise<void> {
    await (this.showing ? this.hide() : this.show());
  }

  #footer(bar: Element | null): HTMLElement {
    const footer = document.createElement("div");
    footer.style.cssText = "display:flex;gap:8px;justify-content:flex-end;padding:12px 16px;border-top:1px solid #e3e3e3";
    for (const original of bar?.querySelectorAll<HTMLElement>("button") ?? []) {
      const button = document.createElement("button");
      button.textContent = original.textContent;
      const primary = original.getAttribute("variant") === "primary";
      button.style.cssText = `padding:6px 12px;border-radius:8px;border:1px solid #8a8a8a;font:inherit;cursor:pointer;${primary ? "background:#303030;color:#fff" : "background:#fff"}`;
      button.addEventListener("click", () => original.click());
      footer.append(button);
    }
    return footer;
  }

  #close(): boolean {
    const dialog = this.#dialog;
    this.#dialog = undefined;
    dialog?.remove();
    return dialog !== undefined;
  }
}

function modalById(id: string): ModalElement | undefined {
  const element = document.querySelector(`#${CSS.escape(id)}`);
  return element instanceof ModalElement ? element : undefined;
}

export const modal = {
  show: async (id: string) => await modalById(id)?.show(),
  hide: async (id: string) => await modalById(id)?.hide(),
  toggle: async (id: string) => await modalById(id)?.toggle(),
};
