// The orders that want the stock, in the order in which they took it; who is short, by how much, and what can be done about it.

import { BlockStack, Box, Button, ButtonGroup, Card, InlineStack, Text } from "@shopify/polaris";
import { useState } from "react";

import { formatDuration, plural } from "../../formatting.ts";
import { EXEMPT_TERMS, FULFILMENT_HOLD_TERMS, holdRefusalText, SHORT_POLICY_TERMS } from "../../oversell-terms.ts";
import { foldedCount, orderName } from "../../oversell-view.ts";
import type { OversellDetail, OversellOrderItem } from "../../oversells-page.server.ts";
import { termFor } from "../../terms.ts";
import { afterPaint } from "../after-paint.ts";
import { Moment } from "../moment.tsx";
import { TermBadge } from "../term-badge.tsx";
import { TextLink } from "../text-link.tsx";
import { HoldDialog } from "./hold-dialog.tsx";
import { HoldPermission } from "./hold-permission.tsx";
import { OversellOutcome } from "./oversell-outcome.tsx";
import type { OversellActs } from "./use-oversell-act.ts";

/** Sold so much before it was heard of, an order could not be reckoned with. */
const LATE_MS = 60_000;

interface OversellOrdersProps {
  readonly page: OversellDetail;
  readonly acts: OversellActs;
}

export function OversellOrders({ page, acts }: OversellOrdersProps) {
  const { orders, incident, permissions } = page;
  const [unfolded, setUnfolded] = useState(false);
  const [asked, setAsked] = useState<{ readonly act: "hold" | "release"; readonly order: OversellOrderItem } | null>(null);
  const folded = unfolded ? 0 : foldedCount(orders);
  const listed = incident.evidence.orderCount ?? 0;
  const holdable = orders.some(canHold(incident.state));
  return (
    <Card padding="0">
      <Box padding="400">
        <BlockStack gap="200">
          <Text as="h2" variant="headingMd">
            Orders, in the order they took this stock
          </Text>
          <Text as="p" tone="subdued">
            {[SHORT_POLICY_TERMS[incident.policy], listed > orders.length ? `Of ${listed} order lines the latest are listed.` : ""].filter(Boolean).join(" ")}
          </Text>
          {holdable ? <HoldPermission permissions={permissions} refused={acts.answer?.kind === "not_allowed"} /> : null}
          <OversellOutcome acts={acts} of={["hold", "release"]} />
          {orders.length === 0 ? <Text as="p">Holdfast knows of no order that wants it and is not fulfilled.</Text> : null}
        </BlockStack>
      </Box>
      {folded === 0 ? null : (
        <Box paddingInline="400" paddingBlockEnd="300">
          <Button variant="plain" onClick={() => afterPaint(() => setUnfolded(true))}>
            {`Show the ${folded} orders before these`}
          </Button>
        </Box>
      )}
      {/* Numbered by the list itself, so that what is folded away is counted. */}
      <ol className="hf-cards" aria-label="Orders, in the order they took this stock" start={folded + 1}>
        {orders.slice(folded).map((order, index) => (
          <li key={order.orderId} className="hf-select-row">
            <Text as="span" tone="subdued" numeric>
              {`${folded + index + 1}.`}
            </Text>
            <OrderFacts order={order} page={page} />
            <OrderActs order={order} state={incident.state} busy={acts.busy} onAct={(act) => afterPaint(() => setAsked({ act, order }))} />
          </li>
        ))}
      </ol>
      {asked === null ? null : (
        <HoldDialog
          act={asked.act}
          order={asked.order}
          onClose={() => setAsked(null)}
          onConfirm={() => {
            setAsked(null);
            acts.start(asked);
          }}
        />
      )}
    </Card>
  );
}

function OrderFacts({ order, page: { nowMs, timeZone } }: { readonly order: OversellOrderItem; readonly page: OversellDetail }) {
  const name = orderName(order);
  const notes = [
    order.verdict === "exempt" ? (EXEMPT_TERMS[order.exempt ?? ""] ?? "is not counted") : null,
    order.paid ? null : "not paid yet",
    order.component ? "taken for a bundle" : null,
    order.heardAfterMs > LATE_MS ? `told of ${formatDuration(order.heardAfterMs)} after it was sold` : null,
    order.settled ? "nothing of it waits any more: shipped, cancelled or taken off the order" : null,
    order.hold === "failed" ? holdRefusalText(order.holdReason) : null,
  ].filter((note) => note !== null);
  return (
    <div className="hf-select-row__content">
      <BlockStack gap="100">
        <InlineStack gap="200" blockAlign="center">
          <TextLink url={`/app/history/orders/${order.orderId}`}>{name}</TextLink>
          <Text as="span" {...(order.unitsShort > 0 ? { fontWeight: "semibold" } : {})}>
            {order.unitsShort > 0 ? `${plural(order.unitsShort, "unit")} short${order.units > order.unitsShort ? ` of ${order.units}` : ""}` : `${plural(order.units, "unit")}${order.verdict === "served" ? ", enough for it" : ""}`}
          </Text>
          {order.hold === "none" ? null : <TermBadge term={termFor(FULFILMENT_HOLD_TERMS, order.hold)} />}
        </InlineStack>
        <Text as="span" variant="bodySm" tone="subdued">
          {"sold "}
          <Moment at={order.committedAt} nowMs={nowMs} timeZone={timeZone} exact />
          {notes.map((note) => ` · ${note}`)}
        </Text>
        <span>
          <TextLink url={`shopify:admin/orders/${order.orderId}`}>{`Open ${name} in Shopify`}</TextLink>
        </span>
      </BlockStack>
    </div>
  );
}

const canHold = (state: string) => (order: OversellOrderItem) => state === "open" && order.verdict === "short" && !order.settled && order.hold !== "held";

interface OrderActsProps {
  readonly order: OversellOrderItem;
  readonly state: string;
  readonly busy: boolean;
  readonly onAct: (act: "hold" | "release") => void;
}

function OrderActs({ order, state, busy, onAct }: OrderActsProps) {
  const name = orderName(order);
  const hold = canHold(state)(order);
  const release = order.hold === "held" || order.hold === "asked";
  if (!hold && !release) return null;
  return (
    <div className="hf-select-row__acts">
      <ButtonGroup gap="tight">
        {hold ? (
          <Button size="slim" disabled={busy} accessibilityLabel={`Hold fulfilment of ${name}`} onClick={() => onAct("hold")}>
            Hold fulfilment
          </Button>
        ) : null}
        {release ? (
          <Button size="slim" disabled={busy} accessibilityLabel={`Release ${name}`} onClick={() => onAct("release")}>
            Release
          </Button>
        ) : null}
      </ButtonGroup>
    </div>
  );
}
