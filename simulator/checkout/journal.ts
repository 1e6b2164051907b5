// The checkout's own memory: facts about purchases, appended to a file and on disk before anybody acts on them.
import { closeSync, existsSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";

/** What a buyer asked for; kept, so that a checkout that was killed can go on without the buyer. */
export interface Purchase {
  /** Chosen by the buyer's page, one for each purchase: a second click carries the same. */
  readonly clientToken: string;
  readonly buyer: string;
  readonly items: readonly { variantId: string; quantity: number }[];
  readonly card: "good" | "declined";
  /** False: the buyer looks at the last page and goes away. */
  readonly pays: boolean;
  /** Who creates the order in Shopify. */
  readonly orderBy: "checkout" | "holdfast";
}

export type Outcome =
  | { readonly kind: "sold"; readonly orderId: string }
  | { readonly kind: "sold_out" }
  | { readonly kind: "declined" }
  /** The hold lapsed before anything was charged. */
  | { readonly kind: "lapsed" }
  /** Charged too late: the money went back. */
  | { readonly kind: "refunded" }
  /** The buyer never paid. */
  | { readonly kind: "left" }
  /** Holdfast or Shopify refused what the checkout asked; a person must look. */
  | { readonly kind: "failed"; readonly why: string };

/** What is known of one purchase; each field is set by one fact and never changes again. */
export interface Progress {
  readonly purchase: Purchase;
  readonly reservationId?: string;
  readonly expiresAtMs?: number;
  /** From here on money may have moved. */
  readonly paying?: true;
  readonly chargeId?: string;
  readonly declined?: true;
  readonly committed?: true;
  /** From here on an order may exist. */
  readonly ordering?: true;
  readonly refundDue?: true;
  readonly outcome?: Outcome;
}

export type Fact = Omit<Progress, "purchase">;

type Line = { token: string; purchase?: Purchase; fact?: Fact };

export interface Journal {
  get(clientToken: string): Progress | undefined;
  all(): readonly Progress[];
  /** Resolves when it is on disk. Facts of one moment share one write. */
  begin(purchase: Purchase): Promise<Progress>;
  learn(clientToken: string, fact: Fact): Promise<Progress>;
  close(): void;
}

export function openJournal(file: string): Journal {
  const known = new Map<string, Progress>();
  const whole = existsSync(file) ? readFileSync(file, "utf8") : "";
  // A process that was killed while writing leaves half a line: nobody has acted on it.
  const complete = whole.slice(0, whole.lastIndexOf("\n") + 1);
  for (const text of complete.split("\n")) if (text !== "") apply(known, JSON.parse(text) as Line);
  const descriptor = openSync(file, "a");
  if (complete.length < whole.length) ftruncateSync(descriptor, Buffer.byteLength(complete));

  let waiting: { line: Line; done: () => void }[] = [];
  const flush = () => {
    const batch = waiting;
    waiting = [];
    writeSync(descriptor, batch.map(({ line }) => `${JSON.stringify(line)}\n`).join(""));
    fdatasyncSync(descriptor);
    for (const { line, done } of batch) {
      apply(known, line);
      done();
    }
  };
  const write = async (line: Line): Promise<Progress> => {
    await new Promise<void>((done) => {
      waiting.push({ line, done });
      if (waiting.length === 1) setImmediate(flush);
    });
    const progress = known.get(line.token);
    if (progress === undefined) throw new Error(`nothing is known of ${line.token}`);
    return progress;
  };
  return {
    get: (clientToken) => known.get(clientToken),
    all: () => [...known.values()],
    begin: async (purchase) => await write({ token: purchase.clientToken, purchase }),
    learn: async (clientToken, fact) => await write({ token: clientToken, fact }),
    close: () => closeSync(descriptor),
  };
}

function apply(known: Map<string, Progress>, { token, purchase, fact }: Line): void {
  const before = known.get(token) ?? (purchase === undefined ? undefined : { purchase });
  if (before !== undefined) known.set(token, { ...before, ...fact });
}
