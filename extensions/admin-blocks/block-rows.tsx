// Rows that several blocks show: an oversell, a hold.
import type { BlockHold, BlockTone } from "../../app/extension-api/extension-answers.ts";

import { PageLink } from "./block-frame.tsx";

/** A badge knows a tone by these names only. */
export function badgeTone(tone: BlockTone): "auto" | "info" | "success" | "warning" | "critical" | "neutral" {
  return tone;
}

/** "a · b", without what there is not. */
export function joined(...parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join(" · ");
}

export function HoldRows({ heading, holds }: { readonly heading: string; readonly holds: readonly BlockHold[] }) {
  if (holds.length === 0) return null;
  return (
    <s-stack gap="small">
      <s-heading>{heading}</s-heading>
      {holds.map((hold) => (
        <s-stack key={hold.id} direction="inline" gap="small" alignItems="center">
          <PageLink page={hold.page}>{hold.heading}</PageLink>
          <s-badge tone={badgeTone(hold.tone)}>{hold.state}</s-badge>
          {hold.when === null ? null : <s-text color="subdued">{hold.when}</s-text>}
        </s-stack>
      ))}
    </s-stack>
  );
}
