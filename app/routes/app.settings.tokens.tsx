// HTTP: API tokens of the shop: create (shown once), list, revoke.

import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { useFetcher, useLoaderData } from "@remix-run/react";
import { Banner, BlockStack, Button, Card, InlineStack, Text, TextField } from "@shopify/polaris";
import { useState } from "react";

import { changeApiTokens } from "#app/dashboard/api-tokens-page.server.ts";
import { ApiTokenRow } from "#app/dashboard/components/api-token-row.tsx";
import { Copyable } from "#app/dashboard/components/copyable.tsx";
import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { EmptyMessage } from "#app/dashboard/components/empty-message.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { NOT_PERMITTED } from "#app/dashboard/permission-terms.ts";
import { refusedToPerson } from "#app/dashboard/staff-permission.server.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  const tokens = await dependencies.apiTokenStore.list(install.installId);
  return { nowMs: dependencies.clock.now().getTime(), timeZone, tokens };
}

export async function action({ request }: ActionFunctionArgs) {
  const context = await embeddedContext(request);
  return (await refusedToPerson(context)) ?? changeApiTokens(context, await request.formData());
}

export default function ApiTokens() {
  const { tokens, nowMs, timeZone } = useLoaderData<typeof loader>();
  const fetcher = useFetcher<typeof action>();
  const [label, setLabel] = useState("");
  const result = fetcher.state === "idle" ? fetcher.data : undefined;
  const error = result?.kind === "refused" ? result.message : undefined;
  return (
    <DashboardPage title="API tokens" subtitle="Each lets a program read this shop's stock history and change its settings" back={{ label: PAGE_NAMES.settings, url: "/app/settings" }} narrow>
      <BlockStack gap="400">
        {result?.kind === "not_permitted" ? (
          <Banner tone="critical" title={NOT_PERMITTED.title}>
            <Text as="p">{NOT_PERMITTED.text}</Text>
          </Banner>
        ) : null}
        {result?.kind === "created" ? (
          <Banner tone="success" title={`Copy the token “${result.label}” now`}>
            <BlockStack gap="200">
              <Text as="p">It is shown this once. Only a fingerprint of it is kept.</Text>
              <Copyable value={result.token} name="token" />
            </BlockStack>
          </Banner>
        ) : null}
        <Card>
          <fetcher.Form method="post">
            <input type="hidden" name="intent" value="create" />
            <BlockStack gap="300">
              <TextField label="Name of the new token" name="label" value={label} onChange={setLabel} autoComplete="off" placeholder="Warehouse dashboard" {...(error === undefined ? {} : { error })} />
              <InlineStack>
                <Button submit variant="primary" loading={fetcher.state !== "idle"}>
                  Create token
                </Button>
              </InlineStack>
            </BlockStack>
          </fetcher.Form>
        </Card>
        <Card padding="0">
          {tokens.length === 0 ? (
            <EmptyMessage heading="No token yet" text="Programs send a token with each request to Holdfast's API. Create one for each program, so that you can revoke them one by one." />
          ) : (
            <ul className="hf-cards">
              {tokens.map((token) => (
                <ApiTokenRow key={token.id} token={token} nowMs={nowMs} timeZone={timeZone} />
              ))}
            </ul>
          )}
        </Card>
      </BlockStack>
    </DashboardPage>
  );
}

export function ErrorBoundary() {
  return <RouteError title="API tokens" back={{ label: PAGE_NAMES.settings, url: "/app/settings" }} />;
}
