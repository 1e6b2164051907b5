// On a hold's own page: what a person may do about it right now.

import { BlockStack, Button, ButtonGroup, Card, Text } from "@shopify/polaris";
import { useState } from "react";

import { HOLD_DECISION_TERMS, HOLD_DECISIONS, type HoldDecision } from "../../hold-terms.ts";
import type { HoldDetail } from "../../holds-page.server.ts";
import { afterPaint } from "../after-paint.ts";
import { NoteDialog } from "../note-dialog.tsx";
import { HoldOutcome } from "./hold-outcome.tsx";
import { useHoldAct } from "./use-hold-act.ts";

export function HoldActs({ page: { hold, undecided } }: { readonly page: HoldDetail }) {
  const act = useHoldAct(`/app/holds/${hold.id}`);
  const [asked, setAsked] = useState<HoldDecision | null>(null);
  return (
    <>
      <HoldOutcome answer={act.answer} />
      {undecided ? (
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              Needs your decision
            </Text>
            <Text as="p">{hold.making === "person" ? CREATED_OR_NOT : NO_ORDER}</Text>
            <ButtonGroup>
              {HOLD_DECISIONS.map((decision) => (
                <Button key={decision} disabled={act.busy} onClick={() => afterPaint(() => setAsked(decision))}>
                  {HOLD_DECISION_TERMS[decision].label}
                </Button>
              ))}
            </ButtonGroup>
          </BlockStack>
        </Card>
      ) : null}
      {hold.state === "active" ? (
        <Card>
          <BlockStack gap="300">
            <Text as="p">A checkout has these units on hold. If you release it, the next buyer may have them; whoever pays for it afterwards gets the units only if they are still there.</Text>
            <ButtonGroup>
              <Button tone="critical" disabled={act.busy} onClick={() => act.start({ act: "release", id: hold.id })}>
                Release this hold
              </Button>
            </ButtonGroup>
          </BlockStack>
        </Card>
      ) : null}
      {asked === null ? null : (
        <NoteDialog
          title={HOLD_DECISION_TERMS[asked].label}
          consequence={HOLD_DECISION_TERMS[asked].consequence}
          label={HOLD_DECISION_TERMS[asked].label}
          destructive={false}
          onClose={() => setAsked(null)}
          onConfirm={(note) => {
            setAsked(null);
            act.start({ act: "decide", id: hold.id, decision: asked, note });
          }}
        />
      )}
    </>
  );
}

const NO_ORDER = "It was paid for, and no order that names it took its stock. Look among the orders in Shopify and at the payment, then say what became of the units.";
const CREATED_OR_NOT =
  "Holdfast sent the order to Shopify, got no answer, and did not find it afterwards. Look for it among the orders in Shopify: if it is there, its notification ends this hold by itself. If it is not, say what becomes of the units.";
