// By which clock a page shows its times, once at its foot: the shop's, whatever zone whoever reads is in.

import { useMatches } from "@remix-run/react";
import { Text } from "@shopify/polaris";

/** Nothing on a page that shows no times. */
export function ClockNote() {
  const timeZone = useMatches().map(({ data }) => zoneOf(data)).findLast((zone) => zone !== null) ?? null;
  if (timeZone === null) return null;
  return (
    <footer className="hf-clock-note">
      <Text as="p" variant="bodySm" tone="subdued" alignment="center">
        {`Times are by your shop's clock: ${timeZone.replaceAll("_", " ")}`}
      </Text>
    </footer>
  );
}

function zoneOf(data: unknown): string | null {
  return typeof data === "object" && data !== null && "timeZone" in data && typeof data.timeZone === "string" ? data.timeZone : null;
}
