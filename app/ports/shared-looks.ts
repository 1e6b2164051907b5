// The shared looks port: what nobody is woken for is looked for again and again; of all worker processes one looks in each period, not each of them.

export interface SharedLooks {
  /**
   * Whether this process is the one to look now. What is looked for must be every process's to find, and two that look at once must do no harm:
   * when nobody can say whose turn it is, everybody looks. Never fails.
   *
   * @param name what is looked for.
   * @param periodMs for so long nobody else looks for it, whatever becomes of this process.
   */
  areMine(name: string, periodMs: number): Promise<boolean>;
}
