// Who asks for units of a block that is growing waits for it, asks again when there may be enough, and stops at the merchant's limit.

import type { ReservationSettings } from "#app/domain/settings.ts";
import type { PromiseFrom, ShortLine } from "#app/ports/reservation-book.ts";
import type { ReservationPorts, ReservingInstall } from "./reservation-ports.ts";

export interface AskUntilConfirmed<Answer> {
  readonly install: ReservingInstall;
  readonly settings: Pick<ReservationSettings, "waitMs" | "whenShopifyIsAway">;
  readonly promiseFrom: PromiseFrom;
  readonly signal: AbortSignal | undefined;
  /** `asksFirst`: no block was asked to grow for it yet. */
  readonly ask: (promiseFrom: PromiseFrom, asksFirst: boolean) => Promise<Answer>;
  /** The stocks that were short; null: the answer is final. */
  readonly shortOf: (answer: Answer) => readonly ShortLine[] | null;
}

export type Confirmed<Answer> =
  | { readonly kind: "answered"; readonly answer: Answer }
  /** Shopify has not confirmed units in time, and the merchant does not want them promised without. */
  | { readonly kind: "unconfirmed" }
  | { readonly kind: "gone" };

/** A stock that is neither growing nor unknown decides at once: however much the others grow, not all lines can be had. */
export async function askUntilConfirmed<Answer>(ports: Pick<ReservationPorts, "watch" | "observe" | "clock">, request: AskUntilConfirmed<Answer>): Promise<Confirmed<Answer>> {
  const { install, settings, ask, shortOf, signal } = request;
  const deadlineMs = ports.clock.monotonicMs() + settings.waitMs;
  let { promiseFrom } = request;
  let observed = false;
  let asksFirst = true;
  for (;;) {
    const answer = await ask(promiseFrom, asksFirst);
    const short = shortOf(answer);
    if (short === null) return { kind: "answered", answer };
    const unobserved = observed ? [] : short.filter((line) => line.unobserved);
    if (short.some((line) => !line.growing && !unobserved.includes(line))) return { kind: "answered", answer };
    if (unobserved.length > 0) {
      observed = true;
      const read = await ports.observe(install, unobserved);
      // Of what was never seen nothing can be promised, from wherever.
      if (read.kind === "unavailable") return { kind: "unconfirmed" };
      continue;
    }
    asksFirst = false;
    const ms = deadlineMs - ports.clock.monotonicMs();
    const end = ms > 0 ? await ports.watch.wait({ installId: install.installId, lines: short }, { ms, signal }) : signal?.aborted ? "gone" : "timeout";
    if (end === "gone") return { kind: "gone" };
    if (end === "ask_again") continue;
    if (settings.whenShopifyIsAway === "refuse") return { kind: "unconfirmed" };
    promiseFrom = "local";
  }
}
