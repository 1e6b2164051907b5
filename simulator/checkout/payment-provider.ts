// A payment provider that is met in bad shape: slow, refusing, telling twice, or charging and then dropping the connection; its ledger says who paid what.
import { z } from "zod";
import { createRouteTable, json } from "../http/router.ts";
import type { SimRequest, SimResponse } from "../http/router.ts";
import { listen } from "../http/server.ts";
import { randomFor } from "../world/random.ts";

/** Of all requests of a kind, how many meet which mishap. Drawn from the seed, the key and the number of the try: who comes first changes nothing. */
export interface PaymentMischief {
  seed: number;
  /** 503, and nothing was charged. */
  refuse?: number;
  /** Charged, or refunded, and the connection is gone before the answer. */
  dropAfter?: number;
  /** What became of the charge is told to the checkout twice instead of once. */
  tellTwice?: number;
  /** The charge takes `verySlowMs`. */
  verySlow?: number;
}

export interface PaymentProviderOptions {
  port?: number;
  mischief?: PaymentMischief;
  /** A usual charge takes between one and two times this, in real milliseconds. */
  chargeMs?: number;
  verySlowMs?: number;
  /** How it waits; tests put a gate here. */
  sleep?: (ms: number) => Promise<void>;
}

export interface Charge {
  readonly chargeId: string;
  readonly key: string;
  readonly buyer: string;
  readonly amountCents: number;
}

export interface Refund {
  readonly refundId: string;
  readonly key: string;
  readonly chargeId: string;
  readonly buyer: string;
}

/** The provider's own books, for verdicts. */
export interface PaymentLedger {
  readonly charges: readonly Charge[];
  readonly refunds: readonly Refund[];
  readonly declined: number;
  /** What went wrong on purpose, and how often. */
  readonly mishaps: Readonly<Record<Mishap, number>>;
  /** Requests whose key was known: harmless, the answer of the first was given again. */
  readonly repeats: number;
}

export interface PaymentProvider {
  readonly origin: string;
  ledger(): PaymentLedger;
  setMischief(mischief: PaymentMischief): void;
  close(): Promise<void>;
}

type Mishap = "refuse" | "dropAfter" | "tellTwice" | "verySlow";
type Kept = { content: string; answer: SimResponse };

const chargeInput = z.object({ buyer: z.string().min(1), amountCents: z.int().positive(), card: z.enum(["good", "declined"]), tell: z.url().optional() });
const refundInput = z.object({ chargeId: z.string().min(1) });

const USUAL_CHARGE_MS = 200;
const VERY_SLOW_MS = 20_000;

export async function startPaymentProvider(options: PaymentProviderOptions = {}): Promise<PaymentProvider> {
  const provider = new Provider(options);
  const routes = createRouteTable();
  routes.post("/charges", (request) => provider.charge(request));
  routes.post("/refunds", (request) => provider.refund(request));
  routes.get("/ledger", () => json(provider.ledger()));
  const server = await listen(routes, "127.0.0.1", options.port ?? 0, () => undefined);
  return {
    origin: `http://127.0.0.1:${server.port}`,
    ledger: () => provider.ledger(),
    setMischief: (mischief) => provider.setMischief(mischief),
    close: async () => await server.close(),
  };
}

class Provider {
  readonly #options: PaymentProviderOptions;
  #mischief: PaymentMischief;
  readonly #kept = new Map<string, Kept>();
  readonly #tries = new Map<string, number>();
  readonly #charges: Charge[] = [];
  readonly #refunds: Refund[] = [];
  readonly #mishaps: Record<Mishap, number> = { refuse: 0, dropAfter: 0, tellTwice: 0, verySlow: 0 };
  #declined = 0;
  #repeats = 0;

  constructor(options: PaymentProviderOptions) {
    this.#options = options;
    this.#mischief = options.mischief ?? { seed: 1 };
  }

  setMischief(mischief: PaymentMischief): void {
    this.#mischief = mischief;
  }

  ledger(): PaymentLedger {
    return structuredClone({ charges: this.#charges, refunds: this.#refunds, declined: this.#declined, mishaps: this.#mishaps, repeats: this.#repeats });
  }

  async charge(request: SimRequest): Promise<SimResponse> {
    const input = chargeInput.parse(request.json());
    const key = keyOf(request);
    const draw = this.#drawFor(key);
    if (this.#strikes("refuse", draw())) return json({ error: "try_again" }, 503);
    const pace = draw();
    const { chargeMs = USUAL_CHARGE_MS, verySlowMs = VERY_SLOW_MS } = this.#options;
    await this.#sleep(this.#strikes("verySlow", draw()) ? verySlowMs : chargeMs * (1 + pace));
    const { answer, first } = this.#once(key, request, () => this.#book(key, input));
    const told = this.#strikes("tellTwice", draw()) ? 2 : 1;
    if (first && input.tell !== undefined) for (let count = 0; count < told; count += 1) tell(input.tell, key, answer);
    return this.#strikes("dropAfter", draw()) ? { status: 0, cut: "before_answer" } : answer;
  }

  async refund(request: SimRequest): Promise<SimResponse> {
    const { chargeId } = refundInput.parse(request.json());
    const key = keyOf(request);
    const draw = this.#drawFor(key);
    if (this.#strikes("refuse", draw())) return json({ error: "try_again" }, 503);
    const { answer } = this.#once(key, request, () => this.#giveBack(key, chargeId));
    return this.#strikes("dropAfter", draw()) ? { status: 0, cut: "before_answer" } : answer;
  }

  /** The one moment: what is done under a key is done once, and answered the same ever after. */
  #once(key: string, { body }: SimRequest, act: () => SimResponse): { answer: SimResponse; first: boolean } {
    const content = body.toString("utf8");
    const kept = this.#kept.get(key);
    if (kept === undefined) {
      const answer = act();
      this.#kept.set(key, { content, answer });
      return { answer, first: true };
    }
    this.#repeats += 1;
    return { answer: kept.content === content ? kept.answer : json({ error: "key_reused" }, 409), first: false };
  }

  #book(key: string, { buyer, amountCents, card }: z.output<typeof chargeInput>): SimResponse {
    if (card === "declined") {
      this.#declined += 1;
      return json({ status: "declined" }, 402);
    }
    const chargeId = `ch_${this.#charges.length + 1}`;
    this.#charges.push({ chargeId, key, buyer, amountCents });
    return json({ status: "charged", chargeId });
  }

  #giveBack(key: string, chargeId: string): SimResponse {
    const charge = this.#charges.find((each) => each.chargeId === chargeId);
    if (charge === undefined) return json({ error: "unknown_charge" }, 404);
    const refundId = `re_${this.#refunds.length + 1}`;
    this.#refunds.push({ refundId, key, chargeId, buyer: charge.buyer });
    return json({ status: "refunded", refundId });
  }

  #drawFor(key: string): () => number {
    const tries = (this.#tries.get(key) ?? 0) + 1;
    this.#tries.set(key, tries);
    const random = randomFor(this.#mischief.seed, hashOf(`${key}#${tries}`));
    return () => random.next();
  }

  #strikes(mishap: Mishap, drawn: number): boolean {
    const struck = drawn < (this.#mischief[mishap] ?? 0);
    if (struck) this.#mishaps[mishap] += 1;
    return struck;
  }

  async #sleep(ms: number): Promise<void> {
    await (this.#options.sleep ?? wait)(ms);
  }
}

function keyOf({ headers }: SimRequest): string {
  return z.string().min(1).parse(headers["idempotency-key"]);
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** Nobody waits for it, and whether anybody hears it is not the provider's business. */
function tell(url: string, key: string, answer: SimResponse): void {
  const body = JSON.stringify({ key, answer: JSON.parse(String(answer.body)) as unknown });
  void fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body })
    .then(async (response) => await response.arrayBuffer())
    .catch(() => undefined);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
