// What a page shows instead of itself when it could not be shown; what belongs to sign-in is handed on to the app's own boundary.

import { Banner, BlockStack, Card, List, Text } from "@shopify/polaris";
import { isRouteErrorResponse, useRouteError } from "@remix-run/react";

import { DashboardPage } from "./dashboard-page.tsx";
import { EmptyMessage } from "./empty-message.tsx";

interface RouteErrorProps {
  readonly title: string;
  readonly back: { readonly label: string; readonly url: string };
}

export function RouteError({ title, back }: RouteErrorProps) {
  const error = useRouteError();
  if (isRouteErrorResponse(error) && error.status === 404) {
    return (
      <DashboardPage title={title} back={back}>
        <Card>
          <EmptyMessage heading="There is nothing here" text="It may have been removed after the time you keep history for, or the address is not complete." action={back} />
        </Card>
      </DashboardPage>
    );
  }
  // Redirects and refusals of the sign-in need the app route's boundary, which knows how to leave the frame.
  if (isRouteErrorResponse(error) && error.status !== 403 && error.status < 500) throw error;
  return (
    <DashboardPage title={title} back={back}>
      <Banner tone="critical" title="This page could not be loaded" action={{ content: "Try again", onAction: () => window.location.reload() }}>
        <BlockStack gap="200">
          <Text as="p">Your orders are safe: notifications are stored and worked on whether or not this page can be shown.</Text>
          <List>
            <List.Item>Try again in a moment.</List.Item>
            <List.Item>If it stays like this, tell whoever runs Holdfast the time at which it happened.</List.Item>
          </List>
        </BlockStack>
      </Banner>
    </DashboardPage>
  );
}
