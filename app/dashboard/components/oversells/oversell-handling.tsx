// What people said and did about an oversell: marked as handled with a note, taken back.

import { BlockStack, Button, ButtonGroup, Card, Text } from "@shopify/polaris";
import { useState } from "react";

import { HANDLED_CONSEQUENCE } from "../../oversell-terms.ts";
import type { OversellDetail } from "../../oversells-page.server.ts";
import { actorText } from "../../terms.ts";
import { afterPaint } from "../after-paint.ts";
import { Moment } from "../moment.tsx";
import { NoteDialog } from "../note-dialog.tsx";
import { OversellOutcome } from "./oversell-outcome.tsx";
import type { OversellActs } from "./use-oversell-act.ts";

interface OversellHandlingProps {
  readonly page: OversellDetail;
  readonly acts: OversellActs;
}

export function OversellHandling({ page: { incident, nowMs, timeZone }, acts }: OversellHandlingProps) {
  const [asked, setAsked] = useState(false);
  const { handledAt, handledBy, handledNote, state } = incident;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          What was done about it
        </Text>
        <OversellOutcome acts={acts} of={["handled", "reopen"]} />
        {handledAt === null ? (
          <Text as="p">{state === "closed" ? "Nobody had to mark it as handled: it ended by itself." : "Told the buyers, moved stock, or ordered more? Mark it as handled with a note for your colleagues."}</Text>
        ) : (
          <BlockStack gap="100">
            <Text as="p">{handledNote ?? "Marked as handled, without a note."}</Text>
            <Text as="p" variant="bodySm" tone="subdued">
              {`${handledBy === null ? "Somebody" : actorText(handledBy)}, `}
              <Moment at={handledAt} nowMs={nowMs} timeZone={timeZone} exact />
            </Text>
          </BlockStack>
        )}
        <ButtonGroup>
          {state === "closed" && handledAt === null ? null : (
            <Button disabled={acts.busy} onClick={() => afterPaint(() => setAsked(true))}>
              {handledAt === null ? "Mark as handled" : "Write another note"}
            </Button>
          )}
          {handledAt === null || state === "closed" ? null : (
            <Button disabled={acts.busy} onClick={() => acts.start({ act: "reopen" })}>
              It is not handled
            </Button>
          )}
        </ButtonGroup>
      </BlockStack>
      {asked ? (
        <NoteDialog
          title="Mark as handled"
          consequence={HANDLED_CONSEQUENCE}
          label="Mark as handled"
          destructive={false}
          onClose={() => setAsked(false)}
          onConfirm={(note) => {
            setAsked(false);
            acts.start({ act: "handled", note });
          }}
        />
      ) : null}
    </Card>
  );
}
