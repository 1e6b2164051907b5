// A state as a badge with its plain word; what it means is on hover and for screen readers.

import { Badge } from "@shopify/polaris";

import type { Tone } from "../terms.ts";

interface TermBadgeProps {
  readonly term: { readonly label: string; readonly meaning: string; readonly tone?: Tone };
}

export function TermBadge({ term }: TermBadgeProps) {
  return (
    <span title={term.meaning}>
      <Badge {...(term.tone === undefined ? {} : { tone: term.tone })}>{term.label}</Badge>
    </span>
  );
}
