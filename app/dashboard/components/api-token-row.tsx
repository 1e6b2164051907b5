// One API token: what uses it, when it was last used, and its revocation, which is asked about once more in place.

import { Badge, BlockStack, Button, InlineError, InlineStack, Text } from "@shopify/polaris";
import { useFetcher } from "@remix-run/react";
import { useState } from "react";

import type { ApiTokenSummary } from "#app/ports/api-token-store.ts";

import { NOT_PERMITTED } from "../permission-terms.ts";
import { actorText } from "../terms.ts";
import { afterPaint } from "./after-paint.ts";
import { Moment } from "./moment.tsx";

interface ApiTokenRowProps {
  readonly token: ApiTokenSummary;
  readonly nowMs: number;
  readonly timeZone: string;
}

export function ApiTokenRow({ token, nowMs, timeZone }: ApiTokenRowProps) {
  const fetcher = useFetcher<{ readonly kind: string }>();
  const [asking, setAsking] = useState(false);
  const moment = (at: Date) => <Moment at={at} nowMs={nowMs} timeZone={timeZone} />;
  return (
    <li style={{ padding: "var(--p-space-300) var(--p-space-400)" }}>
      {fetcher.state === "idle" && fetcher.data?.kind === "not_permitted" ? <InlineError fieldID={`revoke-${token.id}`} message={`${NOT_PERMITTED.title}. ${NOT_PERMITTED.text}`} /> : null}
      <InlineStack align="space-between" blockAlign="center" gap="200">
        <BlockStack gap="050">
          <InlineStack gap="200" blockAlign="center">
            <Text as="span" fontWeight="semibold">
              {token.label}
            </Text>
            {token.revokedAt === null ? null : <Badge>Revoked</Badge>}
          </InlineStack>
          <Text as="span" variant="bodySm" tone="subdued">
            Created {moment(token.createdAt)} by {actorText(token.createdBy)} · {token.lastUsedAt === null ? "never used" : <>last used {moment(token.lastUsedAt)}</>}
          </Text>
        </BlockStack>
        {token.revokedAt !== null ? null : asking ? (
          <InlineStack gap="200" blockAlign="center">
            <Text as="span">Programs that use it stop working.</Text>
            <Button tone="critical" loading={fetcher.state !== "idle"} onClick={() => fetcher.submit({ intent: "revoke", id: token.id }, { method: "post" })}>
              Revoke for good
            </Button>
            <Button onClick={() => setAsking(false)}>Keep</Button>
          </InlineStack>
        ) : (
          <Button onClick={() => afterPaint(() => setAsking(true))} accessibilityLabel={`Revoke ${token.label}`}>
            Revoke
          </Button>
        )}
      </InlineStack>
    </li>
  );
}
