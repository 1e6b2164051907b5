// On the review page, below the changes: pushes and alerts that were not taken, each list only while it holds something.

import { BlockStack, Card, Text } from "@shopify/polaris";
import { type ReactNode, useState } from "react";

import { ALERT_RETRY_TERMS, ALERT_TERMS } from "../../alert-terms.ts";
import { formatDelta, plural } from "../../formatting.ts";
import { PUSH_ACT_TERMS, PUSH_REFUSAL_TERMS } from "../../terms.ts";
import type { FailedAlert, ParkedPush, UndeliveredPage, UndeliveredRefusal } from "../../undelivered-page.server.ts";
import { afterPaint } from "../after-paint.ts";
import { Moment } from "../moment.tsx";
import { NoteDialog } from "../note-dialog.tsx";
import { SelectableList } from "../selectable-list.tsx";
import { StepOutcomeBanner } from "../step-outcome-banner.tsx";
import { TextLink } from "../text-link.tsx";
import { useStepwiseAct } from "../use-stepwise-act.ts";

interface UndeliveredProps {
  readonly page: UndeliveredPage;
  readonly nowMs: number;
  readonly timeZone: string;
}

const ADDRESS = "/app/undelivered";
const SEND_AGAIN = "Send again";
const REFUSALS: Readonly<Record<UndeliveredRefusal, string>> = { ...ALERT_RETRY_TERMS, ...PUSH_REFUSAL_TERMS };

export function ParkedPushes({ page: { pushes, morePushes }, nowMs, timeZone }: UndeliveredProps) {
  const [begunCount, setBegunCount] = useState(0);
  const [skipping, setSkipping] = useState<readonly string[] | null>(null);
  const [done, setDone] = useState(PUSH_ACT_TERMS.retry.done);
  const { running, outcome, start } = useStepwiseAct<UndeliveredRefusal>(ADDRESS);
  const begin = (act: "retry" | "skip", ids: readonly string[], note = "") => {
    setBegunCount((count) => count + 1);
    setDone(PUSH_ACT_TERMS[act].done);
    start({ what: "push", act, ids: ids.join(","), note });
  };
  const acts = (ids: readonly string[]) => [
    { label: PUSH_ACT_TERMS.retry.label, onAction: () => begin("retry", ids) },
    { label: PUSH_ACT_TERMS.skip.label, onAction: () => afterPaint(() => setSkipping(ids)) },
  ];
  if (pushes.length === 0 && outcome === null && running === null) return null;
  return (
    <Section
      title="Not taken by your stock system"
      text="Changes that your own stock system refused, or did not answer for a long time. Later changes of the same items wait behind them. Mend the cause there, then send them again."
      more={morePushes}
    >
      <StepOutcomeBanner noun="push" nouns="pushes" done={done} refusalTerms={REFUSALS} running={running} outcome={outcome} />
      {pushes.length === 0 ? null : (
        <Card padding="0">
          <SelectableList
            noun="push"
            nouns="pushes"
            rows={pushes.map((push) => ({ id: push.id, name: headingOf(push), content: <PushText push={push} nowMs={nowMs} timeZone={timeZone} />, acts: acts([push.id]) }))}
            hasMore={false}
            busy={running !== null}
            begunCount={begunCount}
            bulkActs={(selected) => acts(selected === "all" ? pushes.map(({ id }) => id) : selected)}
          />
        </Card>
      )}
      {skipping === null ? null : (
        <NoteDialog
          title={`${PUSH_ACT_TERMS.skip.label}: ${plural(skipping.length, "push", "pushes")}`}
          consequence={PUSH_ACT_TERMS.skip.consequence}
          label={PUSH_ACT_TERMS.skip.label}
          destructive
          onClose={() => setSkipping(null)}
          onConfirm={(note) => {
            setSkipping(null);
            begin("skip", skipping, note);
          }}
        />
      )}
    </Section>
  );
}

export function FailedAlerts({ page: { alerts, moreAlerts }, nowMs, timeZone }: UndeliveredProps) {
  const [begunCount, setBegunCount] = useState(0);
  const { running, outcome, start } = useStepwiseAct<UndeliveredRefusal>(ADDRESS);
  const acts = (ids: readonly string[]) => [
    {
      label: SEND_AGAIN,
      onAction: () => {
        setBegunCount((count) => count + 1);
        start({ what: "alert", ids: ids.join(",") });
      },
    },
  ];
  if (alerts.length === 0 && outcome === null && running === null) return null;
  return (
    <Section title="Alerts that could not be delivered" text="Somebody should have heard of these and did not. Check the addresses in the settings; then send again what still matters." more={moreAlerts}>
      <StepOutcomeBanner noun="alert" done="sent once more" refusalTerms={REFUSALS} running={running} outcome={outcome} />
      {alerts.length === 0 ? null : (
        <Card padding="0">
          <SelectableList
            noun="alert"
            rows={alerts.map((alert) => ({ id: alert.id, name: `${ALERT_TERMS[alert.kind].label} to ${alert.target}`, content: <AlertLine alert={alert} nowMs={nowMs} timeZone={timeZone} />, acts: acts([alert.id]) }))}
            hasMore={false}
            busy={running !== null}
            begunCount={begunCount}
            bulkActs={(selected) => acts(selected === "all" ? alerts.map(({ id }) => id) : selected)}
          />
        </Card>
      )}
    </Section>
  );
}

function Section({ title, text, more, children }: { readonly title: string; readonly text: string; readonly more: boolean; readonly children: ReactNode }) {
  return (
    <BlockStack gap="300">
      <div className="hf-edge">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">
            {title}
          </Text>
          <Text as="p" tone="subdued">
            {more ? `${text} These are the newest; more come up as you deal with them.` : text}
          </Text>
        </BlockStack>
      </div>
      {children}
    </BlockStack>
  );
}

function headingOf({ delta, item, orderName }: ParkedPush): string {
  return `${formatDelta(delta)} ${item}${orderName === null ? "" : ` · order ${orderName}`}`;
}

function PushText({ push, nowMs, timeZone }: { readonly push: ParkedPush; readonly nowMs: number; readonly timeZone: string }) {
  return (
    <BlockStack gap="100">
      <TextLink primary url={`/app/history/${push.changeId}`}>
        {headingOf(push)}
      </TextLink>
      <Text as="span">{push.reason ?? "No reason was given."}</Text>
      <Text as="span" variant="bodySm" tone="subdued">
        {`tried ${plural(push.attemptCount, "time")} · `}
        <Moment at={push.lastAttemptAt ?? push.createdAt} nowMs={nowMs} timeZone={timeZone} clock />
      </Text>
    </BlockStack>
  );
}

function AlertLine({ alert, nowMs, timeZone }: { readonly alert: FailedAlert; readonly nowMs: number; readonly timeZone: string }) {
  return (
    <BlockStack gap="100">
      <Text as="span" fontWeight="semibold">{`${ALERT_TERMS[alert.kind].label} · ${alert.channelKind} ${alert.target}`}</Text>
      <Text as="span">{alert.lastError ?? "No reason was given."}</Text>
      <Text as="span" variant="bodySm" tone="subdued">
        {`tried ${plural(alert.attemptCount, "time")} · `}
        <Moment at={alert.endedAt ?? alert.createdAt} nowMs={nowMs} timeZone={timeZone} clock />
      </Text>
    </BlockStack>
  );
}
