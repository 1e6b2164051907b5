// The rush port: web says that notifications come faster than it answers them, and who works them off gives way for a moment.

export interface Rush {
  /** By web, again and again while it lasts. Whether it was heard is not known, and it never fails. */
  say(): void;
  /** By the worker, before a piece of work: resolves at once when there is no rush, else when it is over or was given way to for long enough. Never fails. */
  giveWay(signal: AbortSignal): Promise<void>;
}
