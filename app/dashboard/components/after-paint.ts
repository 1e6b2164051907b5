// What takes long to draw and follows a click: a dialog, a longer list. The click is answered first.

import { startTransition } from "react";

/**
 * Runs `act` once what the click itself changed has been drawn. A transition alone is not enough: it begins at once, and a short one ends
 * in the same frame, so that the pressed button is seen only together with everything else (`docs/performance.md`, "The dashboard in a big shop").
 */
export function afterPaint(act: () => void): void {
  requestAnimationFrame(() => setTimeout(() => startTransition(act)));
}
