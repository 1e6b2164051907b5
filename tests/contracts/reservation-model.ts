// A plain model of reservations: no counters, only the list of holds and of moves, added up anew for every question; time in whole hours.

export type From = "block" | "local";

export interface ModelLine {
  readonly item: string;
  readonly quantity: number;
  readonly counts: boolean;
}

export interface ModelRequest {
  readonly key: string;
  readonly body: string;
  readonly lines: readonly ModelLine[];
  readonly from: From;
  readonly reference: string | null;
  readonly unitsMax: number | null;
  readonly ttl: number;
  /** Nobody asked for its units yet. */
  readonly first: boolean;
}

export interface ModelHold {
  readonly request: ModelRequest;
  state: "active" | "committed" | "released" | "expired";
  until: number;
  late: boolean;
  refund: boolean;
  body: string | null;
  orderId: string | null;
  settled: boolean;
}

interface Move {
  readonly item: string;
  readonly delta: number;
}

export interface ModelShort {
  readonly item: string;
  readonly requested: number;
  readonly available: number;
  readonly growing: boolean;
  readonly unobserved: boolean;
}

export type ModelAnswer =
  | { readonly kind: "granted" | "seen_before"; readonly hold: ModelHold }
  | { readonly kind: "key_reused" }
  | { readonly kind: "over_limit"; readonly unitsHeld: number }
  | { readonly kind: "short"; readonly short: readonly ModelShort[] };

export class ReservationModel {
  now = 0;
  readonly held = new Map<string, number>();
  readonly available = new Map<string, number>();
  readonly holds: ModelHold[] = [];
  readonly moves: Move[] = [];

  /** Units of an item that these holds' lines want. */
  static units(hold: Pick<ModelHold, "request">, item: string): number {
    return hold.request.lines.reduce((sum, line) => sum + (line.counts && line.item === item ? line.quantity : 0), 0);
  }

  #sum(item: string, which: (hold: ModelHold) => boolean): number {
    return this.holds.filter(which).reduce((sum, hold) => sum + ReservationModel.units(hold, item), 0);
  }

  block(item: string) {
    const moved = (sign: number) => this.moves.reduce((sum, move) => sum + (move.item === item && Math.sign(move.delta) === sign ? Math.abs(move.delta) : 0), 0);
    return {
      held: this.held.get(item) ?? 0,
      granted: this.#sum(item, (hold) => hold.state === "active"),
      settling: this.#sum(item, (hold) => hold.state === "committed" && !hold.settled),
      leaving: moved(-1),
      growing: moved(1),
    };
  }

  lapsed(hold: ModelHold): boolean {
    return hold.state === "active" && hold.until <= this.now;
  }

  #free(item: string, from: From): number {
    const { held, granted, settling, leaving } = this.block(item);
    const local = from === "local" ? Math.max(0, this.available.get(item) ?? 0) : 0;
    return held + local - granted - settling - leaving;
  }

  /** Decided one after the other; when anything is short, what lapsed of it is ended and all is decided again. */
  reserve(requests: readonly ModelRequest[]): ModelAnswer[] {
    const before = this.holds.length;
    const first = requests.map((request) => this.#ask(request));
    const shortItems = new Set(first.flatMap((answer) => (answer.kind === "short" ? answer.short.map(({ item }) => item) : [])));
    const ended = this.holds.filter((hold) => this.lapsed(hold) && [...shortItems].some((item) => ReservationModel.units(hold, item) > 0));
    let answers = first;
    if (ended.length > 0) {
      this.holds.length = before;
      for (const hold of ended) hold.state = "expired";
      answers = requests.map((request) => this.#ask(request));
    }
    this.#grow(requests, answers);
    return answers.map((answer, place) => this.#sayWhatGrows(answer, requests[place]?.from ?? "local"));
  }

  #ask(request: ModelRequest): ModelAnswer {
    const known = this.holds.find((hold) => hold.request.key === request.key);
    if (known) return known.request.body === request.body ? { kind: "seen_before", hold: known } : { kind: "key_reused" };
    const counted = request.lines.filter((line) => line.counts);
    const units = counted.reduce((sum, line) => sum + line.quantity, 0);
    if (request.reference !== null && request.unitsMax !== null && units > 0) {
      const own = this.holds.filter((hold) => hold.request.reference === request.reference && hold.state === "active" && !this.lapsed(hold));
      const unitsHeld = own.reduce((sum, hold) => sum + hold.request.lines.reduce((some, line) => some + (line.counts ? line.quantity : 0), 0), 0);
      if (unitsHeld + units > request.unitsMax) return { kind: "over_limit", unitsHeld };
    }
    const short = [...new Set(counted.map(({ item }) => item))].flatMap((item): ModelShort[] => {
      const requested = ReservationModel.units({ request }, item);
      const free = this.#free(item, request.from);
      return free >= requested ? [] : [{ item, requested, available: Math.max(0, free), growing: false, unobserved: !this.available.has(item) }];
    });
    if (short.length > 0) return { kind: "short", short };
    const hold: ModelHold = { request, state: "active", until: this.now + request.ttl, late: false, refund: false, body: null, orderId: null, settled: false };
    this.holds.push(hold);
    return { kind: "granted", hold };
  }

  /** After the whole batch: "Growing and shrinking" of docs/reference/reservations.md, of stocks that somebody drew on, or lacked, from the block. */
  #grow(requests: readonly ModelRequest[], answers: readonly ModelAnswer[]): void {
    for (const item of new Set(requests.flatMap(({ lines }) => lines.map((line) => line.item)))) {
      let missing = 0;
      let isFirst = false;
      let drawn = false;
      answers.forEach((answer, place) => {
        if (requests[place]?.from !== "block") return;
        const lacked = answer.kind === "short" ? (answer.short.find((each) => each.item === item)?.requested ?? 0) : 0;
        missing += lacked;
        isFirst ||= lacked > 0 && requests[place]?.first === true;
        if (answer.kind === "granted" && ReservationModel.units(answer.hold, item) > 0) drawn = true;
      });
      if (drawn || missing > 0) this.#growOne(item, missing, isFirst);
    }
  }

  /** What is on its way is for those who asked before; who asks first wants units beside it. A first move brings twice what is missing. */
  #growOne(item: string, missing: number, isFirst: boolean): void {
    const { granted, settling, growing } = this.block(item);
    const promised = granted + settling;
    const coming = this.#free(item, "block") + growing;
    const needed = isFirst ? missing + growing : missing;
    const isScarce = coming * 2 < promised;
    let wanted = needed;
    if (growing === 0) wanted = Math.max(needed, missing + Math.max(promised, missing));
    else if (isScarce) wanted = Math.max(needed, missing + promised);
    const spare = Math.max(0, (this.available.get(item) ?? 0) - growing);
    const delta = coming >= needed && !isScarce ? 0 : Math.min(wanted - coming, spare);
    if (delta > 0) this.moves.push({ item, delta });
  }

  #sayWhatGrows(answer: ModelAnswer, from: From): ModelAnswer {
    if (answer.kind !== "short" || from === "local") return answer;
    return { kind: "short", short: answer.short.map((each) => ({ ...each, growing: this.block(each.item).growing > 0 })) };
  }

  extend(hold: ModelHold, ttl: number): string {
    if (hold.state === "committed") return "committed";
    this.#writeLapse(hold);
    if (hold.state !== "active") return "already";
    hold.until = Math.max(hold.until, this.now + ttl);
    return "ended";
  }

  release(hold: ModelHold): string {
    if (hold.state === "committed") return "committed";
    this.#writeLapse(hold);
    if (hold.state !== "active") return "already";
    hold.state = "released";
    return "ended";
  }

  commit(hold: ModelHold, body: string, from: From): string {
    switch (hold.state) {
      case "committed":
        return hold.body === body ? "committed again" : "other_body";
      case "released":
        hold.refund = true;
        return "released";
      default:
        break;
    }
    if (hold.state === "active" && !this.lapsed(hold)) return this.#take(hold, body, false);
    this.#writeLapse(hold);
    const items = [...new Set(hold.request.lines.filter((line) => line.counts).map(({ item }) => item))];
    const shortNow = () => items.filter((item) => this.#free(item, from) < ReservationModel.units(hold, item));
    const first = shortNow();
    for (const other of this.holds) if (this.lapsed(other) && first.some((item) => ReservationModel.units(other, item) > 0)) other.state = "expired";
    const short = shortNow();
    if (hold.refund) return "lapsed for good";
    if (short.length === 0) return this.#take(hold, body, true);
    if (from === "block") for (const item of short) this.#growOne(item, ReservationModel.units(hold, item), false);
    if (from === "block" && short.some((item) => this.block(item).growing > 0)) return "lapsed, growing";
    hold.refund = true;
    return "lapsed for good";
  }

  #take(hold: ModelHold, body: string, late: boolean): string {
    hold.state = "committed";
    hold.body = body;
    hold.late = late;
    return late ? "committed late" : "committed";
  }

  #writeLapse(hold: ModelHold): void {
    if (this.lapsed(hold)) hold.state = "expired";
  }

  /** The order has taken its stock: what the block can spare of the hold's units goes back. */
  settle(hold: ModelHold): void {
    hold.settled = true;
    for (const item of new Set(hold.request.lines.map((line) => line.item))) {
      const back = Math.min(ReservationModel.units(hold, item), Math.max(0, this.#free(item, "block")));
      if (back > 0) this.moves.push({ item, delta: -back });
    }
  }

  /** Gives back what is free. */
  shrink(item: string): number {
    const free = Math.max(0, this.#free(item, "block"));
    if (free > 0) this.moves.push({ item, delta: -free });
    return free;
  }

  /** Shopify carried the oldest move of an item out, or it was dropped. */
  endMove(item: string, applied: boolean): Move | null {
    const move = this.moves.find((each) => each.item === item);
    if (!move) return null;
    this.moves.splice(this.moves.indexOf(move), 1);
    if (applied) {
      this.held.set(move.item, (this.held.get(move.item) ?? 0) + move.delta);
      if (this.available.has(move.item)) this.available.set(move.item, (this.available.get(move.item) ?? 0) - move.delta);
    }
    return move;
  }
}
