// HTTP: Help. What Holdfast does in a few words, what the words mean, whom to ask, and what to send when something is wrong.

import type { LoaderFunctionArgs } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { Banner, BlockStack, Button, Card, InlineStack, List, Text } from "@shopify/polaris";
import type { ReactNode } from "react";

import { CopyBlock } from "#app/dashboard/components/copy-block.tsx";
import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { TextLink } from "#app/dashboard/components/text-link.tsx";
import { WordList } from "#app/dashboard/components/word-list.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { GLOSSARY } from "#app/dashboard/glossary.ts";
import { loadHelpPage, type HelpPage } from "#app/dashboard/help-page.server.ts";
import { PERMISSION_HELP } from "#app/dashboard/permission-terms.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";
import { supportContact } from "#app/dashboard/wiring.server.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  return loadHelpPage(await embeddedContext(request), supportContact());
}

export default function Help() {
  const page = useLoaderData<typeof loader>();
  return (
    <DashboardPage title={PAGE_NAMES.help} narrow>
      <BlockStack gap="400">
        {page.personMayChangeStock ? null : (
          <Banner tone="info" title={PERMISSION_HELP.title}>
            <Text as="p">{PERMISSION_HELP.text}</Text>
          </Banner>
        )}
        <WhatItDoes />
        <WhenSomethingIsWrong page={page} />
        <OversellsHelp />
        <HoldsHelp />
        <Words />
      </BlockStack>
    </DashboardPage>
  );
}

function Topic({ id, heading, children }: { readonly id: string; readonly heading: string; readonly children: ReactNode }) {
  return (
    <Card>
      <section id={id} className="hf-topic">
        <BlockStack gap="200">
          <Text as="h2" variant="headingMd">
            {heading}
          </Text>
          {children}
        </BlockStack>
      </section>
    </Card>
  );
}

function WhatItDoes() {
  const fetcher = useFetcher();
  return (
    <Topic id="what-it-does" heading="What Holdfast does">
      <Text as="p">
        When many orders arrive at once, stock is easily counted twice or not at all. Holdfast stores every notification before it answers, works out what each order takes by your rules, and changes stock in Shopify exactly once, whatever is repeated, delayed or interrupted.
      </Text>
      <List>
        <List.Item>
          It begins by watching: it shows what it would do and changes nothing until you turn protection on in the <TextLink url="/app/settings">{PAGE_NAMES.settings}</TextLink>.
        </List.Item>
        <List.Item>
          Every change is in the <TextLink url="/app/history">{PAGE_NAMES.history}</TextLink>, with its order, its notification and the quantity before and after.
        </List.Item>
        <List.Item>
          Where guessing could count stock wrongly it stops and asks: see <TextLink url="/app/review">{PAGE_NAMES.review}</TextLink>.
        </List.Item>
      </List>
      <InlineStack>
        <fetcher.Form method="post" action="/app?index">
          <input type="hidden" name="intent" value="show-setup-guide" />
          <Button submit loading={fetcher.state !== "idle"}>
            Show the set-up guide on Home again
          </Button>
        </fetcher.Form>
      </InlineStack>
    </Topic>
  );
}

function OversellsHelp() {
  return (
    <Topic id="oversells" heading="How oversells are found">
      <Text as="p">
        Whenever a stock number changes, Holdfast compares it with what your open orders want at that location. If more is promised than there is, the orders that came last go short, unless you chose otherwise; preorders and variants that may go on selling are left out.
      </Text>
      <Text as="p">
        An oversell closes by itself when stock comes back or orders go away. Until then its page shows which orders are short, why, and lets you hold their fulfilment. See <TextLink url="/app/oversells">{PAGE_NAMES.oversells}</TextLink>.
      </Text>
    </Topic>
  );
}

function HoldsHelp() {
  return (
    <Topic id="holds" heading="Holds for a checkout of your own">
      <Text as="p">
        A checkout that you run yourself asks Holdfast for a hold before it charges. Only then does it take the money, and it tells Holdfast the order. If the payment fails it gives the hold back; if nobody says anything the hold lapses by itself.
      </Text>
      <List type="number">
        <List.Item>Turn protection on in the settings, so that Shopify sees what is on hold. If Holdfast shall create the orders, allow it there, too.</List.Item>
        <List.Item>
          Make an <TextLink url="/app/settings/tokens">API token</TextLink> in the settings.
        </List.Item>
        <List.Item>Have your developer follow the tutorial docs/tutorials/hold-stock-in-your-checkout.md, which comes with Holdfast.</List.Item>
        <List.Item>
          Watch on the page <TextLink url="/app/holds">{PAGE_NAMES.holds}</TextLink> what is put aside and what became of it.
        </List.Item>
      </List>
      <Text as="p">Units on hold are not in available stock, so Shopify&apos;s own checkout does not sell them. Shopify&apos;s own checkout needs no holds.</Text>
      <Text as="p" fontWeight="semibold">
        <TextLink url="/app/settings/leaving">Before you uninstall Holdfast</TextLink>, release all holds and wait until nothing is kept aside in Shopify. Without Holdfast nobody puts those units back on sale.
      </Text>
    </Topic>
  );
}

function Words() {
  return (
    <Card>
      <section id="busy-items" className="hf-topic">
        <BlockStack gap="400">
          <Text as="h2" variant="headingMd">
            What the words mean
          </Text>
          {GLOSSARY.map(({ id, heading, words }) => (
            <BlockStack key={id} gap="200">
              <Text as="h3" variant="headingSm" id={id}>
                {heading}
              </Text>
              <WordList words={words} />
            </BlockStack>
          ))}
        </BlockStack>
      </section>
    </Card>
  );
}

function WhenSomethingIsWrong({ page: { diagnostics, support, now, timeZone } }: { readonly page: HelpPage }) {
  return (
    <Topic id="contact" heading="When something is wrong">
      <Text as="p">
        {support.email === null && support.url === null ? (
          "Copy these lines and send them to whoever runs Holdfast for you, with the trace id from the stock history."
        ) : (
          <>
            Copy these lines and send them, with the trace id from the stock history, to <Contact email={support.email} url={support.url} />.
          </>
        )}
        {" They hold no secret and nothing about your customers."}
      </Text>
      <CopyBlock text={diagnostics} name="diagnostics" />
      <Text as="p" tone="subdued">
        {`The lines above are in UTC. By the clock of your shop (${timeZone}) it is ${now}.`}
      </Text>
    </Topic>
  );
}

function Contact({ email, url }: { readonly email: string | null; readonly url: string | null }) {
  return (
    <>
      {email === null ? null : <TextLink url={`mailto:${email}`}>{email}</TextLink>}
      {email === null || url === null ? null : " or "}
      {url === null ? null : <TextLink url={url}>{url}</TextLink>}
    </>
  );
}

export function ErrorBoundary() {
  return <RouteError title={PAGE_NAMES.help} back={{ label: PAGE_NAMES.home, url: "/app" }} />;
}
