// What became of an act on holds, in words.

import { Banner, Text } from "@shopify/polaris";

import { ACT_FAILURES } from "../../act-failure-terms.ts";
import { plural } from "../../formatting.ts";
import type { HoldActAnswer } from "../../hold-acts.server.ts";
import { HOLD_DECISION_TERMS } from "../../hold-terms.ts";

interface Outcome {
  readonly tone: "success" | "info" | "critical" | "warning";
  readonly title: string;
  readonly text?: string;
}

export function HoldOutcome({ answer }: { readonly answer: HoldActAnswer | null }) {
  if (answer === null) return null;
  const { tone, title, text } = outcomeOf(answer);
  return (
    <Banner tone={tone} title={title}>
      {text === undefined ? null : <Text as="p">{text}</Text>}
    </Banner>
  );
}

const AUDITED = "It is in the audit trail with your staff id.";

function outcomeOf(answer: HoldActAnswer): Outcome {
  switch (answer.kind) {
    case "released_all":
      return {
        tone: "success",
        title: answer.reservations === 0 ? "No checkout had anything on hold" : `${plural(answer.reservations, "hold")} with ${plural(answer.units, "unit")} released`,
        text: `What Shopify keeps aside goes back on sale within moments; this page shows when it has. ${AUDITED}`,
      };
    case "released":
      return RELEASED[answer.outcome];
    case "decided":
      return { tone: "success", title: `Decided: it ${HOLD_DECISION_TERMS[answer.decision].done}`, text: AUDITED };
    case "not_waiting":
      return { tone: "info", title: "It does not wait for a decision any more", text: "Its order was seen meanwhile, or somebody else decided." };
    case "not_found":
      return { tone: "critical", title: "Nothing was done: there is no such hold in this shop" };
    case "note_missing":
    case "note_too_long":
    case "note_invalid":
    case "not_understood":
    case "not_permitted":
      return { tone: "critical", ...ACT_FAILURES[answer.kind] };
    case "failed":
      return { tone: "critical", title: "Something went wrong", text: "Doing it again is safe: what has ended is not ended twice. Try again in a moment." };
  }
}

const RELEASED: Readonly<Record<Extract<HoldActAnswer, { kind: "released" }>["outcome"], Outcome>> = {
  ended: { tone: "success", title: "Released", text: "Its units may be promised to the next buyer." },
  already: { tone: "info", title: "It had ended already" },
  committed: { tone: "warning", title: "Nothing was done: it is paid for", text: "A hold that was paid for ends with its order." },
  not_found: { tone: "critical", title: "Nothing was done: there is no such hold in this shop" },
};
