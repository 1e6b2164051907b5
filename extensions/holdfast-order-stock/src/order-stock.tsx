// The block "Holdfast: stock record" on an order's page: what the order did to stock, where it goes short, and holding or releasing its fulfilment.
import "@shopify/ui-extensions/preact";
import { render } from "preact";
import { useState } from "preact/hooks";

import type { BlockShortage, OrderActAnswer, OrderStockAnswer } from "../../../app/extension-api/extension-answers.ts";
import { BlockFrame, PageLink, type Translate } from "../../admin-blocks/block-frame.tsx";
import { badgeTone, HoldRows, joined } from "../../admin-blocks/block-rows.tsx";
import { askServer, idOf } from "../../admin-blocks/load-answer.ts";
import { useAnswer } from "../../admin-blocks/use-answer.ts";

type Act = "hold" | "release";
type Outcome = Pick<OrderActAnswer, "tone" | "title" | "text">;

const translate: Translate = (key) => shopify.i18n.translate(key);

export default async function renderBlock() {
  render(<OrderStock />, document.body);
}

function OrderStock() {
  const orderId = idOf(shopify.data.selected[0]?.id);
  const path = orderId === null ? null : `/extension/orders/${orderId}`;
  const { loaded, refresh, retry } = useAnswer<OrderStockAnswer>(path);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const act = async (what: Act, oversellId: string) => {
    if (path === null) return;
    setOutcome(null);
    const answered = await askServer<OrderActAnswer>(path, { act: what, oversell: oversellId });
    // Whatever was done before the connection broke is seen by looking again.
    await refresh();
    setOutcome(answered.kind === "answered" ? answered.answer : notDone(answered.kind));
  };
  return (
    <BlockFrame translate={translate} loaded={loaded} onRetry={retry} summary={({ verdict }) => verdict.title}>
      {(answer) => (
        <s-stack gap="base">
          {outcome === null ? null : <Told outcome={outcome} />}
          {answer.shortages.map((shortage) => (
            <Shortage key={shortage.oversellId} shortage={shortage} answer={answer} onAct={act} />
          ))}
          <Record answer={answer} />
          <HoldRows heading={translate("holds.heading")} holds={answer.holds} />
          <PageLink page={answer.page}>{translate("open")}</PageLink>
        </s-stack>
      )}
    </BlockFrame>
  );
}

function notDone(kind: "nothing" | "not_allowed" | "failed"): Outcome {
  if (kind === "not_allowed") return { tone: "warning", title: translate("notAllowed.heading"), text: translate("notAllowed.text") };
  return { tone: "critical", title: translate("act.failed.heading"), text: translate("act.failed.text") };
}

function Told({ outcome: { tone, title, text } }: { readonly outcome: Outcome }) {
  return (
    <s-banner tone={tone === "neutral" ? "info" : tone} heading={title}>
      {text === null ? null : <s-paragraph>{text}</s-paragraph>}
    </s-banner>
  );
}

interface ShortageProps {
  readonly shortage: BlockShortage;
  readonly answer: OrderStockAnswer;
  readonly onAct: (what: Act, oversellId: string) => Promise<void>;
}

/** A click asks, a second one does: a block has no dialogs, and a hold keeps a parcel from leaving. */
function Shortage({ shortage, answer, onAct }: ShortageProps) {
  const [asking, setAsking] = useState<Act | null>(null);
  const [busy, setBusy] = useState(false);
  const start = async (what: Act) => {
    setBusy(true);
    await onAct(what, shortage.oversellId);
    setBusy(false);
    setAsking(null);
  };
  return (
    <s-stack gap="small">
      <s-stack direction="inline" gap="small" alignItems="center">
        <PageLink page={shortage.page}>{shortage.heading}</PageLink>
        {shortage.hold === null ? null : <s-badge tone={badgeTone(shortage.hold.tone)}>{shortage.hold.state}</s-badge>}
      </s-stack>
      <s-text>{joined(shortage.text, shortage.hold?.text ?? null)}</s-text>
      {shortage.canHold && !answer.mayHold ? (
        <s-banner tone="info" heading={translate("permission.heading")}>
          <s-stack gap="small">
            <s-paragraph>{translate("permission.text")}</s-paragraph>
            <PageLink page={shortage.page}>{translate("permission.open")}</PageLink>
          </s-stack>
        </s-banner>
      ) : null}
      {asking === null ? (
        <s-stack direction="inline" gap="small">
          {shortage.canHold && answer.mayHold ? <s-button onClick={() => setAsking("hold")}>{translate("act.hold")}</s-button> : null}
          {shortage.canRelease ? <s-button onClick={() => setAsking("release")}>{translate("act.release")}</s-button> : null}
        </s-stack>
      ) : (
        <s-stack gap="small">
          <s-paragraph>{answer.consequences[asking]}</s-paragraph>
          <s-stack direction="inline" gap="small">
            <s-button variant="primary" loading={busy} onClick={() => void start(asking)}>
              {translate(`act.${asking}`)}
            </s-button>
            <s-button disabled={busy} onClick={() => setAsking(null)}>
              {translate("act.cancel")}
            </s-button>
          </s-stack>
        </s-stack>
      )}
    </s-stack>
  );
}

function Record({ answer: { verdict, lines, moreLines, page } }: { readonly answer: OrderStockAnswer }) {
  return (
    <s-stack gap="small">
      <s-stack direction="inline" gap="small" alignItems="center">
        <s-heading>{translate("record.heading")}</s-heading>
        <s-badge tone={badgeTone(verdict.tone)}>{verdict.title}</s-badge>
      </s-stack>
      <s-paragraph>{verdict.text}</s-paragraph>
      {lines.map((line) => (
        <s-stack key={line.key} direction="inline" gap="small">
          <s-text type="strong">{line.item}</s-text>
          <s-text color="subdued">{joined(line.effect, line.location)}</s-text>
        </s-stack>
      ))}
      {moreLines === 0 ? null : <PageLink page={page}>{translate("record.more")}</PageLink>}
    </s-stack>
  );
}
