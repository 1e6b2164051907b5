// A decision on a stock problem, sent to the page's own address: first what would be sent to Shopify, then, with a reason, the act itself.

import { useFetcher } from "@remix-run/react";
import { startTransition, useState } from "react";

import type { CorrectionAct } from "#app/ports/corrections.ts";

import type { CorrectionActAnswer, CorrectionNumbers } from "../../correction-acts.server.ts";

/** What waits for a reason. */
export type AskedDecision = { readonly act: "dismiss" } | { readonly act: "correct" | "undo"; readonly numbers: CorrectionNumbers };

export interface Decision {
  readonly busy: boolean;
  readonly asked: AskedDecision | null;
  /** What became of the last act; null before the first, while one is under way, and while a dialog is open. */
  readonly answer: Exclude<CorrectionActAnswer, { kind: "preview" }> | null;
  want(act: CorrectionAct): void;
  confirm(note: string): void;
  close(): void;
}

/** @param address whose action answers with a `CorrectionActAnswer`. */
export function useCorrection(address: string): Decision {
  const fetcher = useFetcher<CorrectionActAnswer>();
  const [leaving, setLeaving] = useState(false);
  const [closed, setClosed] = useState<CorrectionActAnswer | null>(null);
  const busy = fetcher.state !== "idle";
  const answer = busy ? null : (fetcher.data ?? null);
  const preview = answer?.kind === "preview" && answer !== closed ? answer : null;
  const asked: AskedDecision | null = leaving ? { act: "dismiss" } : preview;
  const send = (form: Readonly<Record<string, string>>) => void fetcher.submit({ ...form }, { method: "post", action: address });
  const close = () => {
    setLeaving(false);
    setClosed(fetcher.data ?? null);
  };
  return {
    busy,
    asked,
    answer: asked !== null || answer === null || answer.kind === "preview" ? null : answer,
    want: (act) => (act === "dismiss" ? startTransition(() => setLeaving(true)) : send({ act, preview: "1" })),
    confirm(note) {
      if (asked === null) return;
      close();
      send({ act: asked.act, note });
    },
    close,
  };
}
