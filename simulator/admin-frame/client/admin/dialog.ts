// The admin's own dialogs: a question with two answers, and the frame for larger ones.
import { make } from "./frame.ts";

export type DialogInput<Result> = {
  title: string;
  body: HTMLElement;
  accept: string;
  refuse: string;
  /** Read when accepted; undefined keeps the dialog open. */
  result: () => Result | undefined;
};

/** Null when refused or closed. */
export async function openDialog<Result>(input: DialogInput<Result>): Promise<Result | null> {
  const dialog = document.createElement("dialog");
  dialog.className = "admin-dialog";
  const footer = make("footer");
  dialog.append(make("h2", input.title), input.body, footer);
  document.body.append(dialog);
  const chosen = await new Promise<Result | null>((resolve) => {
    footer.append(
      make("button", input.refuse, { type: "button" }, () => resolve(null)),
      make("button", input.accept, { type: "button", class: "primary" }, () => {
        const result = input.result();
        if (result !== undefined) resolve(result);
      }),
    );
    dialog.addEventListener("cancel", () => resolve(null));
    dialog.showModal();
  });
  dialog.remove();
  return chosen;
}

export async function ask(title: string, text: string, accept: string, refuse: string): Promise<boolean> {
  return (await openDialog({ title, body: make("p", text), accept, refuse, result: () => true })) ?? false;
}
