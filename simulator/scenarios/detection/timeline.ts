// Acts at their seconds, played on a clock that jumps from one to the next.
import type { Control } from "../../control/control.ts";

const CATCH_UP_SECONDS = 15;

export class Timeline {
  readonly #acts: { readonly seconds: number; readonly act: () => void }[] = [];
  #startedMs = 0;

  /** An act may plan a later one while it is played. */
  at(seconds: number, act: () => void): void {
    this.#acts.push({ seconds, act });
  }

  /** The clock stands at this moment at the end, at least. */
  until(at: string): void {
    this.at((Date.parse(at) - this.#startedMs) / 1_000 + 1, () => undefined);
  }

  /** @param catchUp called now and then, so that the app works while the day goes on. */
  async play(control: Control, catchUp: () => Promise<void>): Promise<void> {
    this.#startedMs = Date.parse(control.clock().now);
    let caughtUp = 0;
    for (let next = this.#takeNext(); next; next = this.#takeNext()) {
      if (next.seconds - caughtUp >= CATCH_UP_SECONDS) {
        await catchUp();
        caughtUp = next.seconds;
      }
      const waitMs = this.#startedMs + next.seconds * 1_000 - Date.parse(control.clock().now);
      if (waitMs > 0) control.setClock({ advanceMs: waitMs });
      next.act();
      // Webhooks leave, and are answered, while the play goes on.
      await new Promise((passed) => setImmediate(passed));
    }
  }

  #takeNext() {
    let index = -1;
    for (const [position, { seconds }] of this.#acts.entries()) if (index === -1 || seconds < (this.#acts[index]?.seconds ?? Infinity)) index = position;
    return index === -1 ? undefined : this.#acts.splice(index, 1)[0];
  }
}
