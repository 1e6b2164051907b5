// Asks the server when the block is shown, and again when it is told to; an answer that came too late is dropped.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { askServer, type Loaded } from "./load-answer.ts";

export interface UseAnswer<Answer> {
  readonly loaded: Loaded<Answer>;
  /** Shows what was there until the new answer is. */
  readonly refresh: () => Promise<void>;
  /** Shows that it is askedRef. */
  readonly retry: () => void;
}

/** `path` null: there is nothing to ask about. */
export function useAnswer<Answer>(path: string | null): UseAnswer<Answer> {
  const [loaded, setLoaded] = useState<Loaded<Answer>>({ kind: "loading" });
  const askedRef = useRef(0);
  const refresh = useCallback(async () => {
    const mine = ++askedRef.current;
    const answered = path === null ? ({ kind: "nothing" } as const) : await askServer<Answer>(path);
    if (mine === askedRef.current) setLoaded(answered);
  }, [path]);
  useEffect(() => {
    void refresh();
    return () => {
      askedRef.current += 1;
    };
  }, [refresh]);
  const retry = () => {
    setLoaded({ kind: "loading" });
    void refresh();
  };
  return { loaded, refresh, retry };
}
