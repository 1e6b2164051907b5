// The dialog before a download: how much it will be and what is in it. It asks for a signed address, which is good for a minute, and renews it while it is open.

import { BlockStack, InlineStack, Modal, Spinner, Text } from "@shopify/polaris";
import { useFetcher } from "@remix-run/react";
import { useEffect } from "react";

import type { ExportOffer } from "../history-page.server.ts";
import { formatCount, plural } from "../formatting.ts";

interface ExportDialogProps {
  /** The page's address with its filters: its action makes the offer. */
  readonly action: string;
  readonly filtered: boolean;
  readonly timeZone: string;
  readonly onClose: () => void;
}

/** Before the address that is shown stops being good. */
const RENEW_MS = 40_000;

export function ExportDialog({ action, filtered, timeZone, onClose }: ExportDialogProps) {
  const { submit, data: offer } = useFetcher<ExportOffer>();
  useEffect(() => {
    const ask = () => submit({ intent: "export" }, { method: "post", action });
    ask();
    const renewal = window.setInterval(ask, RENEW_MS);
    return () => window.clearInterval(renewal);
  }, [submit, action]);
  const empty = offer !== undefined && offer.count === 0 && !offer.more;
  return (
    <Modal
      open
      onClose={onClose}
      title="Export the stock history"
      primaryAction={{ content: "Download CSV", disabled: offer === undefined || empty, ...(offer === undefined || empty ? {} : { url: offer.address, target: "_blank" }) }}
      secondaryActions={[{ content: "Close", onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="200">
          <div role="status">
            {offer === undefined ? (
              <InlineStack gap="200" blockAlign="center">
                <Spinner size="small" accessibilityLabel="Counting" />
                <Text as="span">Counting what the file will hold…</Text>
              </InlineStack>
            ) : (
              <Text as="p" fontWeight="semibold">
                {sizeText(offer, filtered)}
              </Text>
            )}
          </div>
          <Text as="p">There is no limit of rows: changes come newest first, one a line, with cause, quantities before and after, the key that made each count once, and Shopify's reference. Changes that happen while you download are left out.</Text>
          <Text as="p" tone="subdued">{`Times are by your shop's clock (${timeZone}) and in UTC. The file opens in spreadsheets (UTF-8, commas). No customer data is in it.`}</Text>
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}

function sizeText({ count, more }: ExportOffer, filtered: boolean): string {
  const of = filtered ? "that match the filters" : "in all";
  if (count === 0 && !more) return filtered ? "No change matches the filters: there is nothing to export." : "No stock has changed yet: there is nothing to export.";
  if (!more) return `${plural(count, "change")} ${of}.`;
  return count === 0 ? "There may be few changes that match: looking for them takes a while." : `At least ${formatCount(count)} changes ${of}.`;
}
