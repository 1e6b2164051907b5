// A first-in first-out queue that does not move its rest on every shift: thousands of sends may wait.

const COMPACT_AFTER = 1_024;

export class SendQueue<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  push(value: T): void {
    this.#items.push(value);
  }

  shift(): T | undefined {
    const value = this.#items[this.#head];
    if (value === undefined) return undefined;
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head > COMPACT_AFTER && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return value;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
