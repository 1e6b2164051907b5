// The block "Holdfast: stock" on a variant's page: what was sold too often, what checkouts have on hold, the last changes and why.
import "@shopify/ui-extensions/preact";
import { render } from "preact";

import type { BlockChange, BlockOversell, VariantStockAnswer } from "../../../app/extension-api/extension-answers.ts";
import { BlockFrame, PageLink, type Translate } from "../../admin-blocks/block-frame.tsx";
import { badgeTone, HoldRows, joined } from "../../admin-blocks/block-rows.tsx";
import { idOf } from "../../admin-blocks/load-answer.ts";
import { useAnswer } from "../../admin-blocks/use-answer.ts";

const translate: Translate = (key) => shopify.i18n.translate(key);

export default async function renderBlock() {
  render(<VariantStock />, document.body);
}

function VariantStock() {
  const variantId = idOf(shopify.data.selected[0]?.id);
  const { loaded, retry } = useAnswer<VariantStockAnswer>(variantId === null ? null : `/extension/variants/${variantId}`);
  return (
    <BlockFrame translate={translate} loaded={loaded} onRetry={retry} summary={summaryOf}>
      {(answer) => (
        <s-stack gap="base">
          {answer.oversells.map((oversell) => (
            <Oversell key={oversell.id} oversell={oversell} />
          ))}
          <HoldRows heading={translate("holds.heading")} holds={answer.holds} />
          <Changes changes={answer.changes} />
          <PageLink page={answer.page}>{translate("open")}</PageLink>
        </s-stack>
      )}
    </BlockFrame>
  );
}

function summaryOf({ oversells, changes }: VariantStockAnswer): string {
  const [oversell] = oversells;
  if (oversell !== undefined) return oversell.heading;
  const [newest] = changes;
  return newest === undefined ? translate("changes.none") : joined(newest.delta, newest.cause, newest.order, newest.when);
}

function Oversell({ oversell }: { readonly oversell: BlockOversell }) {
  return (
    <s-banner tone={oversell.tone === "neutral" ? "info" : oversell.tone} heading={oversell.heading}>
      <s-stack gap="small">
        <s-paragraph>{oversell.text}</s-paragraph>
        <PageLink page={oversell.page}>{oversell.state}</PageLink>
      </s-stack>
    </s-banner>
  );
}

function Changes({ changes }: { readonly changes: readonly BlockChange[] }) {
  return (
    <s-stack gap="small">
      <s-heading>{translate("changes.heading")}</s-heading>
      {changes.length === 0 ? <s-paragraph>{translate("changes.none")}</s-paragraph> : null}
      {changes.map((change) => (
        <s-stack key={change.id} direction="inline" gap="small" alignItems="center">
          <s-text type="strong">{change.delta}</s-text>
          <PageLink page={change.page}>{joined(change.cause, change.order)}</PageLink>
          <s-badge tone={badgeTone(change.tone)}>{change.state}</s-badge>
          <s-text color="subdued">{joined(change.levels, change.location, change.when)}</s-text>
        </s-stack>
      ))}
    </s-stack>
  );
}
