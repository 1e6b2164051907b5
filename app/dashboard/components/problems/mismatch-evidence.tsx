// What a mismatch rests on: known changes with their orders, or the call that did not count once.

import { BlockStack, Card, Text } from "@shopify/polaris";

import { formatDelta, formatExact, formatQuantity } from "../../formatting.ts";
import type { EvidenceCall } from "../../mismatch-view.ts";
import type { MismatchDetail } from "../../mismatches-page.server.ts";
import { SEEN_BY_TERMS } from "../../oversell-terms.ts";
import { Copyable } from "../copyable.tsx";
import { Facts, type Fact } from "../facts.tsx";
import { TextLink } from "../text-link.tsx";

export function MismatchEvidenceCard({ page }: { readonly page: MismatchDetail }) {
  const { evidence, callChanges } = page;
  return (
    <Card>
      <BlockStack gap="300">
        <Text as="h2" variant="headingMd">
          What this rests on
        </Text>
        <Facts facts={factsOf(page)} />
        {evidence.effects.length === 0 ? null : (
          <Changes
            heading="Known changes since then"
            rows={evidence.effects.map((effect) => ({ key: effect.key, delta: effect.delta, what: effect.what, url: effect.orderId === null ? null : `/app/history/orders/${effect.orderId}`, name: effect.orderName }))}
          />
        )}
        {callChanges.length === 0 ? null : (
          <Changes heading="What the call was for" rows={callChanges.map((change) => ({ key: change.id, delta: change.delta, what: "Change by Holdfast", url: `/app/history/${change.id}`, name: change.orderName === null ? "the change" : `the change for ${change.orderName}` }))} />
        )}
      </BlockStack>
    </Card>
  );
}

function factsOf({ mismatch, evidence, knownSince, timeZone }: MismatchDetail): Fact[] {
  const { expected, foreign, lastChangedAt, call, itemGone } = evidence;
  const when = (at: Date | null) => (at === null ? "not known" : formatExact(at, timeZone));
  return [
    { name: "Shopify's number", value: `${mismatch.shopify === null ? (itemGone ? "none: Shopify does not know the item any more" : "none: the item is not stocked there") : formatQuantity(mismatch.shopify)}, read ${when(mismatch.foundAt)}` },
    { name: "Known to Holdfast", value: `${formatQuantity(mismatch.known)}${knownSince === null ? "" : `, since ${when(knownSince.at)} (${inSentence(SEEN_BY_TERMS[knownSince.seenBy] ?? knownSince.seenBy)})`}` },
    ...(lastChangedAt === null ? [] : [{ name: "Shopify's number changed last", value: when(lastChangedAt) }]),
    ...(expected === null ? [] : [{ name: "Known changes explain", value: expected === 0 ? "nothing of it" : formatDelta(expected) }]),
    ...(foreign === null ? [] : [{ name: "Nothing explains", value: foreign === 0 ? "nothing is left" : formatDelta(foreign) }]),
    ...(call === null ? [] : callFacts(call, when)),
  ];
}

function callFacts({ mutationId, delta, firstSentAt, lastSentAt, before, after }: EvidenceCall, when: (at: Date | null) => string): Fact[] {
  const again = firstSentAt !== null && lastSentAt !== null && firstSentAt.getTime() !== lastSentAt.getTime();
  return [
    { name: "Holdfast's call", value: `${formatDelta(delta)}, sent ${when(firstSentAt)}${again ? ` and again ${when(lastSentAt)}` : ""}` },
    ...(before === null ? [] : [{ name: "Number before the call", value: `${formatQuantity(before.available)}, seen ${when(before.at)}` }]),
    ...(after === null ? [] : [{ name: "Number after it", value: `${formatQuantity(after.available)}, seen ${when(after.at)}` }]),
    { name: "Reference of the call", value: <Copyable value={mutationId} name="reference of the call" /> },
  ];
}

function inSentence(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

interface ChangesProps {
  readonly heading: string;
  readonly rows: readonly { readonly key: string; readonly what: string; readonly delta: number; readonly url: string | null; readonly name: string | null }[];
}

function Changes({ heading, rows }: ChangesProps) {
  return (
    <BlockStack gap="200">
      <Text as="h3" variant="headingSm">
        {heading}
      </Text>
      <ul className="hf-lines">
        {rows.map(({ key, what, delta, url, name }) => (
          <li key={key}>
            <Text as="span" fontWeight="semibold" numeric>{`${formatDelta(delta)} `}</Text>
            {what}
            {url === null ? (name === null ? "" : `: ${name}`) : <>: <TextLink url={url}>{name ?? "its order"}</TextLink></>}
          </li>
        ))}
      </ul>
    </BlockStack>
  );
}
