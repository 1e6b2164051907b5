// The stand-in's line to the admin page: calls with answers one way, events the other.
import type { AdminEventName, AdminEvents, CallName, Calls, FromAdmin, FromApp } from "../messages.ts";

const script = document.currentScript;
/** The admin page and this script come from the same origin, the simulator's. */
export const adminOrigin = new URL(script instanceof HTMLScriptElement ? script.src : location.href).origin;
export const apiKey = script?.dataset["apiKey"] ?? document.querySelector<HTMLMetaElement>('meta[name="shopify-api-key"]')?.content ?? "";
export const isFramed = window.parent !== window;

let nextCallId = 1;
const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
const listeners: { name: AdminEventName; act: (detail: unknown) => void }[] = [];

export async function call<Name extends CallName>(name: Name, argument: Calls[Name]["argument"]): Promise<Calls[Name]["result"]> {
  if (!isFramed) throw new Error(`App Bridge: ${name} needs the admin around the app`);
  const id = nextCallId;
  nextCallId += 1;
  const message: FromApp = { source: "app-bridge", id, call: name, argument };
  const answer = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }));
  window.parent.postMessage(message, adminOrigin);
  return (await answer) as Calls[Name]["result"];
}

/** For calls whose answer nobody waits for. */
export function tell<Name extends CallName>(name: Name, argument: Calls[Name]["argument"]): void {
  if (isFramed) void call(name, argument);
}

export function onAdmin<Name extends AdminEventName>(name: Name, act: (detail: AdminEvents[Name]) => void): void {
  listeners.push({ name, act: (detail) => act(detail as AdminEvents[Name]) });
}

window.addEventListener("message", (event: MessageEvent<FromAdmin>) => {
  if (event.origin !== adminOrigin || event.source !== window.parent || event.data?.source !== "admin") return;
  const message = event.data;
  if ("event" in message) {
    for (const listener of listeners) if (listener.name === message.event) listener.act(message.detail);
    return;
  }
  const caller = waiting.get(message.answerTo);
  waiting.delete(message.answerTo);
  if ("error" in message) caller?.reject(new Error(message.error));
  else caller?.resolve(message.result);
});
