// One act on an oversell at a time, sent to its own page, and what became of it.

import { useFetcher } from "@remix-run/react";
import { useState } from "react";

import type { OversellActAnswer } from "../../oversell-acts.server.ts";
import type { NamedOrder } from "../../oversell-view.ts";

export type OversellAct =
  | { readonly act: "hold" | "release"; readonly order: NamedOrder }
  | { readonly act: "handled"; readonly note: string }
  | { readonly act: "reopen" };

export interface OversellActs {
  readonly busy: boolean;
  /** The last that was started; null before the first. */
  readonly asked: OversellAct | null;
  /** Null before the first act and while one is under way. */
  readonly answer: OversellActAnswer | null;
  start(act: OversellAct): void;
}

export function useOversellAct(oversellId: string): OversellActs {
  const fetcher = useFetcher<OversellActAnswer>();
  const [asked, setAsked] = useState<OversellAct | null>(null);
  const busy = fetcher.state !== "idle";
  return {
    busy,
    asked,
    answer: busy ? null : (fetcher.data ?? null),
    start(act) {
      setAsked(act);
      const form = { act: act.act, ...("order" in act ? { order: act.order.orderId } : {}), ...("note" in act ? { note: act.note } : {}) };
      void fetcher.submit(form, { method: "post", action: `/app/oversells/${oversellId}` });
    },
  };
}
