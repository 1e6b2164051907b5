// What became of a decision on a stock problem, in words, beside what it is about.

import { Banner, Text } from "@shopify/polaris";

import { NOT_PERMITTED } from "../../permission-terms.ts";
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
      return { tone: "critical", ...NOT_PERMITTED };
    case "not_installed":
      return { tone: "critical", title: "Nothing was done: Holdfast was uninstalled", text: "Reload the page." };
    case "note_missing":
      return { tone: "critical", title: "Nothing was done: a reason is missing", text: "Say why, so that others understand it later." };
    case "note_too_long":
      return { tone: "critical", title: "Nothing was done: the reason is too long", text: "It has at most 500 characters." };
    case "note_invalid":
      return { tone: "critical", title: "Nothing was done: the reason has characters that cannot be stored", text: "Write it in plain text." };
    case "not_understood":
      return { tone: "critical", title: "Nothing was done", text: "The request was not understood. Reload the page and try again." };
    case "failed":
      return { tone: "critical", title: "Something went wrong", text: "Doing it again is safe: a correction is sent once, however often it is asked for. Try again in a moment." };
  }
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
