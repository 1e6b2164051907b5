// Keeps an open page up to date: asks again at an interval, not while the page is hidden, and at once when it is shown again.

import { useRevalidator } from "@remix-run/react";
import { useEffect, useRef } from "react";

export const LIVE_UPDATE_MS = 10_000;

export function useLiveUpdates(): void {
  const revalidator = useRevalidator();
  // The effect must not start anew with each state of the revalidator, or the interval would never come round.
  const latest = useRef(revalidator);
  useEffect(() => {
    latest.current = revalidator;
  }, [revalidator]);

  useEffect(() => {
    const refresh = () => {
      if (document.visibilityState === "visible" && latest.current.state === "idle") latest.current.revalidate();
    };
    const interval = window.setInterval(refresh, LIVE_UPDATE_MS);
    document.addEventListener("visibilitychange", refresh);
    return () => {
      window.clearInterval(interval);
      document.removeEventListener("visibilitychange", refresh);
    };
  }, []);
}
