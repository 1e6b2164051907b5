// HTTP: the evidence behind Home's numbers of what was prevented: lost answers, and orders that nobody told of.

import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { BlockStack, Card, Text } from "@shopify/polaris";
import type { ReactNode } from "react";

import { DashboardPage } from "#app/dashboard/components/dashboard-page.tsx";
import { EmptyMessage } from "#app/dashboard/components/empty-message.tsx";
import { Moment } from "#app/dashboard/components/moment.tsx";
import { RouteError } from "#app/dashboard/components/route-error.tsx";
import { TextLink } from "#app/dashboard/components/text-link.tsx";
import { embeddedContext } from "#app/dashboard/embedded-context.server.ts";
import { PREVENTED_PAGE_NAME, PREVENTED_TERMS } from "#app/dashboard/home-terms.ts";
import { loadPreventedPage } from "#app/dashboard/prevented-page.server.ts";
import { PAGE_NAMES } from "#app/dashboard/terms.ts";

export async function loader({ request }: LoaderFunctionArgs) {
  const { dependencies, install, timeZone } = await embeddedContext(request);
  return loadPreventedPage(dependencies, install, timeZone);
}

export default function Prevented() {
  const { answers, moreAnswers, missed, moreMissed, nowMs, timeZone } = useLoaderData<typeof loader>();
  return (
    <DashboardPage title={PREVENTED_PAGE_NAME} subtitle="The last 7 days, newest first" back={{ label: PAGE_NAMES.home, url: "/app" }}>
      <BlockStack gap="500">
        <Evidence kind="answers" more={moreAnswers} empty="Every call was answered">
          {answers.map((answer) => (
            <li key={answer.key} className="hf-card">
              <Text as="p">{answer.url === null ? answer.what : <TextLink url={answer.url}>{answer.what}</TextLink>}</Text>
              <Text as="p" tone="subdued">
                <Moment at={answer.at} nowMs={nowMs} timeZone={timeZone} />. {answer.outcome}
              </Text>
            </li>
          ))}
        </Evidence>
        <Evidence kind="missed" more={moreMissed} empty="Every order was told of">
          {missed.map((order) => (
            <li key={order.orderId} className="hf-card">
              <Text as="p">
                <TextLink url={`/app/history/orders/${order.orderId}`}>Order {order.name ?? order.orderId}</TextLink>
              </Text>
              <Text as="p" tone="subdued">
                Found <Moment at={order.missedAt} nowMs={nowMs} timeZone={timeZone} />
                {order.orderedAt === null ? "." : ", placed "}
                {order.orderedAt === null ? null : <Moment at={order.orderedAt} nowMs={nowMs} timeZone={timeZone} />}
                {order.orderedAt === null ? null : "."}
              </Text>
            </li>
          ))}
        </Evidence>
      </BlockStack>
    </DashboardPage>
  );
}

interface EvidenceProps {
  readonly kind: "answers" | "missed";
  /** There are more than are listed. */
  readonly more: boolean;
  readonly empty: string;
  readonly children: readonly ReactNode[];
}

function Evidence({ kind, more, empty, children }: EvidenceProps) {
  const { label, meaning } = PREVENTED_TERMS[kind];
  if (children.length === 0) {
    return (
      <Card padding="0">
        <span id={kind} />
        <EmptyMessage heading={empty} text={meaning} />
      </Card>
    );
  }
  return (
    <Card padding="0">
      <span id={kind} />
      <div className="hf-card">
        <BlockStack gap="100">
          <Text as="h2" variant="headingMd">
            {label}
          </Text>
          <Text as="p" tone="subdued">
            {meaning}
          </Text>
        </BlockStack>
      </div>
      <ul className="hf-cards">{children}</ul>
      {more ? (
        <div className="hf-card">
          <Text as="p" tone="subdued">
            There were more; these are the newest {children.length}.
          </Text>
        </div>
      ) : null}
    </Card>
  );
}

export function ErrorBoundary() {
  return <RouteError title={PREVENTED_PAGE_NAME} back={{ label: PAGE_NAMES.home, url: "/app" }} />;
}
