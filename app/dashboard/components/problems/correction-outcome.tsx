// What became of a decision on a stock problem, in words, beside what it is about.

import { Banner, Text } from "@shopify/polaris";

import { ACT_FAILURES } from "../../act-failure-terms.ts";
import { CORRECTION_ACT_TERMS } from "../../problem-terms.ts";
import { CORRECTION_REFUSAL_TERMS } from "../../terms.ts";
import type { Decision } from "./use-correction.ts";

interface Outcome {
  readonly tone: "success" | "warning" | "critical";
  readonly title: string;
  readonly text: string;
}

export function CorrectionOutcome({ answer }: Pick<Decision, "answer">) {
  if (answer === null) return null;
  const { tone, title, text } = outcomeOf(answer);
  return (
    <Banner tone={tone} title={title}>
      <Text as="p">{text}</Text>
    </Banner>
  );
}

function outcomeOf(answer: NonNullable<Decision["answer"]>): Outcome {
  switch (answer.kind) {
    case "done":
      return {
        tone: "success",
        title: CORRECTION_ACT_TERMS[answer.act].done,
        text: answer.act === "dismiss" ? "It is in the audit trail with your staff id." : "This page shows when Shopify has taken it. It is in the audit trail with your staff id.",
      };
    case "refused":
      return { tone: "warning", title: "Nothing was sent", text: `${capitalised(CORRECTION_REFUSAL_TERMS[answer.refusal])}.` };
    case "not_permitted":
    case "not_installed":
    case "note_missing":
    case "note_too_long":
    case "note_invalid":
    case "not_understood":
      return { tone: "critical", ...ACT_FAILURES[answer.kind] };
    case "failed":
      return { tone: "critical", title: "Something went wrong", text: "Doing it again is safe: a correction is sent once, however often it is asked for. Try again in a moment." };
  }
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
