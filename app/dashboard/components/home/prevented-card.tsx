// What was prevented, today and in the last seven days; every number opens into what it counts.

import { BlockStack, Card, Text } from "@shopify/polaris";
import { Link } from "@remix-run/react";

import { formatCount } from "../../formatting.ts";
import type { PreventedLine } from "../../prevented-view.ts";

export function PreventedCard({ lines }: { readonly lines: readonly PreventedLine[] }) {
  return (
    <Card>
      <BlockStack gap="300">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">
            What was prevented
          </Text>
          <Text as="p" tone="subdued">
            Only what was measured in this shop. Zero is good news, too: it did not happen.
          </Text>
        </BlockStack>
        <table className="hf-table hf-counts">
          <thead>
            <tr>
              <th scope="col">
                <Text as="span" visuallyHidden>
                  What
                </Text>
              </th>
              <th scope="col">Today</th>
              <th scope="col">7 days</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <PreventedRow key={line.kind} line={line} />
            ))}
          </tbody>
        </table>
      </BlockStack>
    </Card>
  );
}

function PreventedRow({ line: { label, meaning, term, today, week, url, todayUrl } }: { readonly line: PreventedLine }) {
  return (
    <tr>
      <th scope="row">
        <Link to={url} prefetch="none" className="hf-count-link">
          {label}
        </Link>
        <span className="hf-count-meaning">
          <Text as="span" variant="bodySm" tone="subdued">
            {meaning} <span className="hf-count-term">({term})</span>
          </Text>
        </span>
      </th>
      <td>
        {todayUrl === null || today === 0 ? (
          formatCount(today)
        ) : (
          <Link to={todayUrl} prefetch="none" className="hf-count-link">
            {formatCount(today)}
          </Link>
        )}
      </td>
      <td>{formatCount(week)}</td>
    </tr>
  );
}
