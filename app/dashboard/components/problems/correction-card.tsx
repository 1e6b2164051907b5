// On the page of an overwrite or a mismatch: what a person may do right now, and what was decided and became of it.

import { BlockStack, Button, ButtonGroup, Card, InlineStack, Text } from "@shopify/polaris";

import type { CorrectionView, SentView } from "../../correction-acts.server.ts";
import { formatDelta, formatQuantity } from "../../formatting.ts";
import { CORRECTION_ACT_TERMS } from "../../problem-terms.ts";
import { actorText, CHANGE_STATES, reasonText, termFor } from "../../terms.ts";
import { Facts, type Fact } from "../facts.tsx";
import { Moment } from "../moment.tsx";
import { TermBadge } from "../term-badge.tsx";
import { TextLink } from "../text-link.tsx";
import { CorrectionDialog } from "./correction-dialog.tsx";
import { CorrectionOutcome } from "./correction-outcome.tsx";
import { useCorrection } from "./use-correction.ts";

export interface CorrectionCardProps {
  readonly address: string;
  readonly item: string;
  readonly location: string;
  readonly open: boolean;
  /** What would set it right; null: nothing is proposed. */
  readonly proposedDelta: number | null;
  readonly mode: "observe" | "enforce";
  readonly decided: CorrectionView;
  readonly ended: { readonly at: Date; readonly by: string | null; readonly note: string | null } | null;
  /** Over the buttons. */
  readonly advice: string;
  readonly why: string;
  readonly leaving: string;
  readonly nowMs: number;
  readonly timeZone: string;
}

export function CorrectionCard(props: CorrectionCardProps) {
  const { address, item, location, open, decided, why, leaving } = props;
  const decision = useCorrection(address);
  return (
    <>
      <CorrectionOutcome answer={decision.answer} />
      <Card>
        <BlockStack gap="300">
          <Text as="h2" variant="headingMd">
            {open ? "What you can do" : "What was decided"}
          </Text>
          {open ? <Open {...props} busy={decision.busy} onWant={decision.want} /> : <Decided {...props} />}
          {decided.canUndo && props.mode === "enforce" ? (
            <ButtonGroup>
              <Button loading={decision.busy} onClick={() => decision.want("undo")}>{`${CORRECTION_ACT_TERMS.undo.label}…`}</Button>
            </ButtonGroup>
          ) : null}
        </BlockStack>
      </Card>
      {decision.asked === null ? null : <CorrectionDialog asked={decision.asked} item={item} location={location} why={why} leaving={leaving} onConfirm={decision.confirm} onClose={decision.close} />}
    </>
  );
}

function Open({ proposedDelta, mode, advice, busy, onWant }: CorrectionCardProps & { readonly busy: boolean; readonly onWant: (act: "correct" | "dismiss") => void }) {
  const canCorrect = proposedDelta !== null && mode === "enforce";
  return (
    <>
      <Text as="p">{advice}</Text>
      {proposedDelta === null || mode === "enforce" ? null : (
        <Text as="p">
          Holdfast only watches here and changes no stock: change it by {formatDelta(proposedDelta)} in Shopify yourself, or <TextLink url="/app/settings">turn on protection</TextLink> first.
        </Text>
      )}
      <ButtonGroup>
        {canCorrect ? (
          <Button variant="primary" loading={busy} onClick={() => onWant("correct")}>{`Correct by ${formatDelta(proposedDelta)}…`}</Button>
        ) : null}
        <Button disabled={busy} onClick={() => onWant("dismiss")}>{`${CORRECTION_ACT_TERMS.dismiss.label}…`}</Button>
      </ButtonGroup>
    </>
  );
}

function Decided({ decided, ended, nowMs, timeZone }: CorrectionCardProps) {
  const { correction, undoing } = decided;
  return (
    <BlockStack gap="400">
      {correction === null ? null : <Sent heading="Correction" sent={correction} nowMs={nowMs} timeZone={timeZone} />}
      {undoing === null ? null : <Sent heading="Taken back" sent={undoing} nowMs={nowMs} timeZone={timeZone} />}
      {correction !== null || ended === null ? null : (
        <Facts
          facts={[
            { name: "When", value: <Moment at={ended.at} nowMs={nowMs} timeZone={timeZone} exact /> },
            ...(ended.by === null ? [] : [{ name: "By", value: actorText(ended.by) }]),
            ...(ended.note === null || ended.note === "" ? [] : [{ name: "Reason", value: ended.note }]),
          ]}
        />
      )}
    </BlockStack>
  );
}

function Sent({ heading, sent, nowMs, timeZone }: { readonly heading: string; readonly sent: SentView; readonly nowMs: number; readonly timeZone: string }) {
  const reason = sent.state === "parked" || sent.state === "cancelled" ? reasonText(sent.reason) : null;
  const facts: Fact[] = [
    { name: "Change", value: <TextLink url={`/app/history/${sent.changeId}`}>{`${formatDelta(sent.delta)} available`}</TextLink> },
    ...(sent.before === null && sent.after === null ? [] : [{ name: "Before → after", value: `${formatQuantity(sent.before)} → ${formatQuantity(sent.after)}` }]),
    ...(reason === null ? [] : [{ name: "Why it stopped", value: reason }]),
    { name: "Decided", value: <><Moment at={sent.askedAt} nowMs={nowMs} timeZone={timeZone} exact />{sent.askedBy === "" ? "" : ` by ${actorText(sent.askedBy)}`}</> },
    ...(sent.note === "" ? [] : [{ name: "Reason", value: sent.note }]),
  ];
  return (
    <BlockStack gap="200">
      <InlineStack gap="200" blockAlign="center">
        <Text as="h3" variant="headingSm">
          {heading}
        </Text>
        <TermBadge term={termFor(CHANGE_STATES, sent.state)} />
      </InlineStack>
      <Facts facts={facts} />
    </BlockStack>
  );
}
