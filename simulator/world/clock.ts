// The simulator's time: it can run faster than the wall, jump ahead, and carries every timer of webhooks, tokens and keys.

export interface WallClock {
  nowMs(): number;
  setTimer(fn: () => void, delayMs: number): () => void;
}

export interface SimClock {
  nowMs(): number;
  scale(): number;
  setScale(scale: number): void;
  /** Jumps ahead and runs every timer that falls due, in order of its time. */
  advance(ms: number): void;
  /** Runs fn at the given simulated time; the returned function cancels it. Timers of the same moment run in order of scheduling. */
  at(timeMs: number, fn: () => void): () => void;
  nextTimerMs(): number | null;
  stop(): void;
}

/** setTimeout's own limit; a longer wait is armed again when it fires. */
const MAX_TIMER_MS = 2_000_000_000;

export const wallClock: WallClock = {
  nowMs: () => Date.now(),
  setTimer(fn, delayMs) {
    const timer = setTimeout(fn, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

interface Timer {
  atMs: number;
  order: number;
  fn: (() => void) | null;
}

export function createClock(startMs: number, wall: WallClock = wallClock): SimClock {
  let scale = 1;
  let simBaseMs = startMs;
  let wallBaseMs = wall.nowMs();
  let order = 0;
  let disarm: (() => void) | null = null;
  const timers = new TimerHeap();

  const nowMs = () => simBaseMs + (wall.nowMs() - wallBaseMs) * scale;
  const rebase = () => {
    simBaseMs = nowMs();
    wallBaseMs = wall.nowMs();
  };
  const runDue = () => {
    for (let head = timers.peek(); head && head.atMs <= nowMs(); head = timers.peek()) {
      timers.pop();
      head.fn?.();
    }
    arm();
  };
  const arm = () => {
    disarm?.();
    disarm = null;
    const head = timers.peek();
    if (!head) return;
    const delayMs = Math.min(MAX_TIMER_MS, Math.max(0, (head.atMs - nowMs()) / scale));
    disarm = wall.setTimer(runDue, Math.ceil(delayMs));
  };

  return {
    nowMs,
    scale: () => scale,
    setScale(next) {
      rebase();
      scale = next;
      arm();
    },
    advance(ms) {
      const targetMs = nowMs() + ms;
      // Step from timer to timer, so that work scheduled by one of them inside the jump is run at its own time.
      for (let head = timers.peek(); head && head.atMs <= targetMs; head = timers.peek()) {
        simBaseMs = Math.max(nowMs(), head.atMs);
        wallBaseMs = wall.nowMs();
        timers.pop();
        head.fn?.();
      }
      simBaseMs = Math.max(nowMs(), targetMs);
      wallBaseMs = wall.nowMs();
      arm();
    },
    at(timeMs, fn) {
      const timer: Timer = { atMs: timeMs, order: order++, fn };
      timers.push(timer);
      if (timers.peek() === timer) arm();
      return () => {
        timer.fn = null;
      };
    },
    nextTimerMs() {
      for (let head = timers.peek(); head && head.fn === null; head = timers.peek()) timers.pop();
      return timers.peek()?.atMs ?? null;
    },
    stop() {
      disarm?.();
      timers.clear();
    },
  };
}

/** A binary heap: ten thousand deliveries may be waiting for their time at once. */
class TimerHeap {
  #items: Timer[] = [];

  peek(): Timer | undefined {
    return this.#items[0];
  }

  clear(): void {
    this.#items = [];
  }

  push(timer: Timer): void {
    const items = this.#items;
    items.push(timer);
    let index = items.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(index, parent)) break;
      this.#swap(index, parent);
      index = parent;
    }
  }

  pop(): void {
    const items = this.#items;
    const last = items.pop();
    if (items.length === 0 || !last) return;
    items[0] = last;
    let index = 0;
    for (;;) {
      const left = index * 2 + 1;
      let next = index;
      if (left < items.length && this.#before(left, next)) next = left;
      if (left + 1 < items.length && this.#before(left + 1, next)) next = left + 1;
      if (next === index) return;
      this.#swap(index, next);
      index = next;
    }
  }

  #before(a: number, b: number): boolean {
    const first = this.#items[a];
    const second = this.#items[b];
    if (!first || !second) return false;
    return first.atMs === second.atMs ? first.order < second.order : first.atMs < second.atMs;
  }

  #swap(a: number, b: number): void {
    const first = this.#items[a];
    const second = this.#items[b];
    if (!first || !second) return;
    this.#items[a] = second;
    this.#items[b] = first;
  }
}
