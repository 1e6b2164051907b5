// What became of an act on an oversell, in words, beside what it was about.

import { Banner, Text } from "@shopify/polaris";

import { outcomeOf } from "../../oversell-outcome.ts";
import type { OversellActs } from "./use-oversell-act.ts";

interface OversellOutcomeProps {
  readonly acts: OversellActs;
  /** Which acts are told here. */
  readonly of: readonly ("hold" | "release" | "handled" | "reopen")[];
}

export function OversellOutcome({ acts: { asked, answer }, of }: OversellOutcomeProps) {
  if (asked === null || answer === null || !of.includes(asked.act)) return null;
  const { tone, title, text } = outcomeOf(asked, answer);
  return (
    <Banner tone={tone} title={title}>
      {text === undefined ? null : <Text as="p">{text}</Text>}
    </Banner>
  );
}
