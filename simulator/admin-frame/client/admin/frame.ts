// The admin's side of the line to the app: answers its calls, sends it events, and nobody else's.
import type { AdminEventName, AdminEvents, CallName, Calls, FromAdmin, FromApp } from "../messages.ts";
import type { PageSettings } from "../../admin-page.ts";

export const settings = JSON.parse(document.querySelector("#page-settings")?.textContent ?? "{}") as PageSettings;

type Answers = { [Name in CallName]?: (argument: never) => unknown };
const answers: Answers = {};

export function element<Kind extends HTMLElement = HTMLElement>(id: string): Kind {
  const found = document.querySelector<Kind>(`#${id}`);
  if (found === null) throw new Error(`the admin page has no #${id}`);
  return found;
}

export const frame = element<HTMLIFrameElement>("app-frame");

export function answer<Name extends CallName>(name: Name, act: (argument: Calls[Name]["argument"]) => Calls[Name]["result"] | Promise<Calls[Name]["result"]>): void {
  answers[name] = act as (argument: never) => unknown;
}

export function tellApp<Name extends AdminEventName>(event: Name, detail: AdminEvents[Name]): void {
  post({ source: "admin", event, detail });
}

window.addEventListener("message", (event: MessageEvent<FromApp>) => {
  if (event.source !== frame.contentWindow || event.origin !== settings.appOrigin || event.data?.source !== "app-bridge") return;
  const { id, call, argument } = event.data;
  const act = answers[call] as ((argument: unknown) => unknown) | undefined;
  if (act === undefined) return post({ source: "admin", answerTo: id, error: `the simulated admin does not know ${call}` });
  void Promise.resolve()
    .then(() => act(argument))
    .then(
      (result) => post({ source: "admin", answerTo: id, result: result ?? null }),
      (error: unknown) => post({ source: "admin", answerTo: id, error: error instanceof Error ? error.message : String(error) }),
    );
});

function post(message: FromAdmin): void {
  frame.contentWindow?.postMessage(message, settings.appOrigin);
}

export async function getJson<Result>(path: string): Promise<Result> {
  return await readAnswer<Result>(await fetch(path));
}

export async function postJson<Result>(path: string, body: unknown = {}): Promise<Result> {
  return await readAnswer<Result>(await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }));
}

async function readAnswer<Result>(response: Response): Promise<Result> {
  const value = (await response.json()) as Result & { error?: { message: string } };
  if (!response.ok) throw new Error(value.error?.message ?? `${response.status}`);
  return value;
}

/** Makes an element with text and attributes; a function becomes its click handler. */
export function make(tag: string, text = "", attributes: Record<string, string> = {}, onClick?: () => void): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (onClick !== undefined) made.addEventListener("click", onClick);
  return made;
}
