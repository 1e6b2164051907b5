// On a change's own page: why it needs review, what to do, and the acts that are allowed right now.

import { BlockStack, Button, ButtonGroup, Card, Text } from "@shopify/polaris";

import { formatTimeOfDay } from "../../formatting.ts";
import type { ReviewRow } from "../../review-page.server.ts";
import { REVIEW_ACT_TERMS, REVIEW_REASON_TERMS } from "../../terms.ts";
import { Copyable } from "../copyable.tsx";
import { Facts } from "../facts.tsx";
import { ActDialog } from "./act-dialog.tsx";
import { ReviewOutcome } from "./review-outcome.tsx";
import { useReviewActs } from "./use-review-acts.ts";

export function ChangeActs({ row, timeZone }: { readonly row: ReviewRow; readonly timeZone: string }) {
  const acts = useReviewActs();
  const term = REVIEW_REASON_TERMS[row.reviewReason];
  const inDoubt = row.allowedActs.includes("resolve_applied");
  return (
    <>
      <ReviewOutcome acts={acts} />
      {row.state !== "parked" ? null : (
        <Card>
          <BlockStack gap="300">
            <Text as="h2" variant="headingMd">
              {`Needs review: ${term.label.toLowerCase()}`}
            </Text>
            <Text as="p">{term.meaning}</Text>
            <Text as="p">
              <Text as="span" fontWeight="semibold">
                What to do:
              </Text>{" "}
              {term.advice}
            </Text>
            {inDoubt && row.mutationId !== null ? (
              <Facts
                facts={[
                  { name: "Reference in Shopify", value: <Copyable value={`gid://holdfast/Mutation/${row.mutationId}`} name="reference" /> },
                  { name: "Settled together", value: row.sharedCount === 1 ? "only this change" : `${row.sharedCount} changes that went in the same call` },
                  ...(row.mayArriveUntil === null ? [] : [{ name: "May still arrive", value: `until ${formatTimeOfDay(row.mayArriveUntil, timeZone)}; before that it cannot be called not applied` }]),
                ]}
              />
            ) : null}
            {row.beingRead ? <Text as="p">Its order is being read from Shopify again.</Text> : null}
            <ButtonGroup>
              {row.allowedActs.map((act) => (
                <Button key={act} disabled={acts.running !== null} onClick={() => acts.want({ act, selection: { kind: "ids", ids: [row.id] } })}>
                  {REVIEW_ACT_TERMS[act].label}
                </Button>
              ))}
            </ButtonGroup>
          </BlockStack>
        </Card>
      )}
      {acts.asked === null ? null : <ActDialog act={acts.asked.act} count={1} touchedCount={row.sharedCount} onConfirm={acts.confirm} onClose={acts.dismiss} />}
    </>
  );
}
