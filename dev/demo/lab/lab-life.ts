// The life of the lab's handler: what a killed process would not do any more is not done, and nobody hears of it.

export class LabLife {
  readonly #end = new AbortController();

  /** Aborted when the process is killed: for timers, which a real death takes along. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  end(): void {
    this.#end.abort();
  }

  /** Every step that reaches the outside goes through here: a dead process begins none, and learns the outcome of none. */
  async step<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.ended.aborted) return await silence();
    try {
      const result = await work();
      return this.ended.aborted ? await silence() : result;
    } catch (error) {
      if (this.ended.aborted) return await silence();
      throw error;
    }
  }
}

async function silence(): Promise<never> {
  return await new Promise<never>(() => undefined);
}
