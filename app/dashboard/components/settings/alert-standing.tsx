// How a place that is told stands: when it was last told something, what could not be delivered, and a test message.

import { useFetcher } from "@remix-run/react";
import { Banner, BlockStack, Button, InlineStack, Text } from "@shopify/polaris";

import type { AlertStanding } from "../../queries/alert-standings.server.ts";
import type { SettingsActionResult } from "../../settings-action.ts";
import { Moment } from "../moment.tsx";
import { TextLink } from "../text-link.tsx";
import { Hint } from "./section.tsx";

interface StandingProps {
  readonly standing: AlertStanding;
  readonly nowMs: number;
  readonly timeZone: string;
}

export function AlertStandingText({ standing: { lastSentAt, failure, failingTries }, nowMs, timeZone }: StandingProps) {
  if (failure !== null) {
    return (
      <Banner tone="warning" title="The last message was not delivered">
        <Text as="p">
          {failure.error === null ? "" : `${failure.error}. `}Given up <Moment at={failure.at} nowMs={nowMs} timeZone={timeZone} />. <TextLink url="/app/review">See what was not taken</TextLink>
        </Text>
      </Banner>
    );
  }
  if (failingTries > 0) return <Hint>{`A message waits: ${failingTries === 1 ? "one try" : `${failingTries} tries`} did not get through. It is tried again.`}</Hint>;
  if (lastSentAt === null) return <Hint>Nothing had to be told yet.</Hint>;
  return (
    <Hint>
      Last told <Moment at={lastSentAt} nowMs={nowMs} timeZone={timeZone} />.
    </Hint>
  );
}

export function AlertTest({ index, name }: { readonly index: number; readonly name: string }) {
  const fetcher = useFetcher<SettingsActionResult>();
  const result = fetcher.state === "idle" ? fetcher.data : undefined;
  return (
    <BlockStack gap="200">
      <InlineStack>
        <Button loading={fetcher.state !== "idle"} accessibilityLabel={`Send a test: ${name}`} onClick={() => void fetcher.submit({ intent: "test-alert", index }, { method: "post" })}>
          Send a test
        </Button>
      </InlineStack>
      <div role="status">{result === undefined ? null : <TestOutcome result={result} />}</div>
    </BlockStack>
  );
}

function TestOutcome({ result }: { readonly result: SettingsActionResult }) {
  if (result.kind !== "alert_tested") return <Hint>The test could not be sent just now. Try again in a moment.</Hint>;
  return (
    <Text as="p" {...(result.delivered ? {} : { tone: "critical" as const })}>
      {result.message}
    </Text>
  );
}
