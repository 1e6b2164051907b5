// HTTP: Help. What Holdfast does in a few words, what the words mean, and what to send when something is wrong.

import type { LoaderFunctionArgs } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { BlockStack, Button, Card, InlineStack, List, Text } from "@shopify/polaris";

import { Copyable } from "#app/dashboard/components/copyable.tsx";
import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { Facts } from "#app/dashboard/components/facts.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { formatExact } from "#app/dashboard/formatting.ts";
import { CHANGE_STATES, MODES, PAGE_NAMES } from "#app/dashboard/terms.ts";
import { ADMIN_API_VERSION } from "#app/domain/api-version.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  const settings = await dependencies.settingsStore.current(install.installId);
  return {
    diagnostics: [
      `shop ${install.shop}`,
      `install ${install.epoch}`,
      `mode ${settings.mode}`,
      `settings ${settings.version}`,
      `scopes ${install.scopes.join(" ")}`,
      `API ${ADMIN_API_VERSION}`,
      `at ${dependencies.clock.now().toISOString()}`,
    ].join("; "),
    now: formatExact(dependencies.clock.now(), timeZone),
    timeZone,
  };
}

const WORDS = [
  { name: "Notification", value: "What Shopify sends when an order is placed, edited, cancelled or refunded. It may come twice, late or out of order." },
  { name: "Duplicate", value: "The same notification again. It is counted and has no further effect." },
  { name: "Busy items", value: "Items that several orders change at the same moment. One after the other gets its turn, so that no change is lost; a wait is normal when many buy the same thing." },
  { name: "Delay", value: "How long the oldest notification or change has been waiting. Some seconds are normal in a rush." },
  ...Object.values(MODES).map((term) => ({ name: term.label, value: term.meaning })),
  ...Object.values(CHANGE_STATES).map((term) => ({ name: term.label, value: term.meaning })),
];

export default function Help() {
  const { diagnostics, now, timeZone } = useLoaderData<typeof loader>();
  const fetcher = useFetcher();
  return (
    <DashboardPage title={PAGE_NAMES.help} narrow>
      <BlockStack gap="400">
        <Card>
          <BlockStack gap="200">
            <Text as="h2" variant="headingMd">
              What Holdfast does
            </Text>
            <Text as="p">
              When many orders arrive at once, stock is easily counted twice or not at all. Holdfast stores every notification before it answers, works out what each order takes by your rules, and changes stock in Shopify exactly once, whatever is repeated, delayed or interrupted.
            </Text>
            <InlineStack>
              <fetcher.Form method="post" action="/app?index">
                <input type="hidden" name="intent" value="show-setup-guide" />
                <Button submit loading={fetcher.state !== "idle"}>Show the set-up guide on Home again</Button>
              </fetcher.Form>
            </InlineStack>
          </BlockStack>
        </Card>
        <HoldsHelp />
        <Card>
          <BlockStack gap="300">
            <span id="busy-items" />
            <Text as="h2" variant="headingMd">
              What the words mean
            </Text>
            <Facts facts={WORDS} />
          </BlockStack>
        </Card>
        <Card>
          <BlockStack gap="200">
            <Text as="h2" variant="headingMd">
              When something is wrong
            </Text>
            <Text as="p">Copy this line and send it, with the trace id from the stock history, to whoever runs Holdfast for you. It holds no customer data.</Text>
            <Copyable value={diagnostics} name="diagnostics" />
            <Text as="p" tone="subdued">
              Times are shown in {timeZone}; it is {now}.
            </Text>
          </BlockStack>
        </Card>
      </BlockStack>
    </DashboardPage>
  );
}

function HoldsHelp() {
  return (
    <Card>
      <BlockStack gap="200">
        <span id="holds" />
        <Text as="h2" variant="headingMd">
          Holds for a checkout of your own
        </Text>
        <Text as="p">
          A checkout that you run yourself asks Holdfast for a hold before it charges. Only then does it take the money, and it tells Holdfast the order. If the payment fails it gives the hold back; if nobody says anything the hold lapses by itself.
        </Text>
        <List type="number">
          <List.Item>Turn protection on in the settings, so that Shopify sees what is on hold. If Holdfast shall create the orders, allow it there, too.</List.Item>
          <List.Item>Make an API token in the settings.</List.Item>
          <List.Item>Have your developer follow the tutorial docs/tutorials/hold-stock-in-your-checkout.md, which comes with Holdfast.</List.Item>
          <List.Item>Watch on the page Holds what is put aside and what became of it.</List.Item>
        </List>
        <Text as="p">Units on hold are not in available stock, so Shopify&apos;s own checkout does not sell them. Shopify&apos;s own checkout needs no holds.</Text>
        <Text as="p" fontWeight="semibold">
          Before you uninstall Holdfast, release all holds on the page Holds, and wait until nothing is kept aside in Shopify. Without Holdfast nobody puts those units back on sale.
        </Text>
      </BlockStack>
    </Card>
  );
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.help} back={{ label: PAGE_NAMES.home, url: "/app" }} />;
}
