// One act on holds at a time, sent to the page's own address, and what became of it.

import { useFetcher } from "@remix-run/react";

import type { HoldActAnswer } from "../../hold-acts.server.ts";

export interface HoldAct {
  readonly busy: boolean;
  /** Null before the first act and while one is under way. */
  readonly answer: HoldActAnswer | null;
  start(form: Readonly<Record<string, string>>): void;
}

/** @param address whose action answers with a `HoldActAnswer`. */
export function useHoldAct(address: string): HoldAct {
  const fetcher = useFetcher<HoldActAnswer>();
  const busy = fetcher.state !== "idle";
  return {
    busy,
    answer: busy ? null : (fetcher.data ?? null),
    start: (form) => void fetcher.submit({ ...form }, { method: "post", action: address }),
  };
}
