// The three steps from installing to protecting; short, and gone once dismissed or, from the next visit on, once done.

import { Badge, BlockStack, Button, Card, InlineStack, List, Text } from "@shopify/polaris";
import { useFetcher } from "@remix-run/react";

import type { SetupStep } from "../../setup-steps.ts";
import { usePermission } from "../settings/use-permission.ts";
import { TextLink } from "../text-link.tsx";
import { PermissionRefused } from "./permission-refused.tsx";

export function SetupGuide({ steps }: { readonly steps: readonly SetupStep[] }) {
  const fetcher = useFetcher();
  const next = steps.find((step) => !step.done);
  const doneCount = steps.filter((step) => step.done).length;
  return (
    <Card>
      <BlockStack gap="300">
        <InlineStack align="space-between" blockAlign="center" gap="200">
          <InlineStack gap="200" blockAlign="center">
            <Text as="h2" variant="headingMd">
              From watching to protecting
            </Text>
            <Text as="span" tone="subdued">
              {doneCount} of {steps.length} done
            </Text>
          </InlineStack>
          <fetcher.Form method="post">
            <input type="hidden" name="intent" value="dismiss-setup-guide" />
            <Button submit variant="plain" accessibilityLabel="Dismiss this guide" loading={fetcher.state !== "idle"}>
              Dismiss
            </Button>
          </fetcher.Form>
        </InlineStack>
        <List type="number">
          {steps.map((step) => (
            <List.Item key={step.id}>
              <Step step={step} isNext={step === next} allDone={next === undefined} />
            </List.Item>
          ))}
        </List>
      </BlockStack>
    </Card>
  );
}

function Step({ step, isNext, allDone }: { readonly step: SetupStep; readonly isNext: boolean; readonly allDone: boolean }) {
  return (
    <BlockStack gap="100" inlineAlign="start">
      <InlineStack gap="200" blockAlign="center">
        <Text as="span" fontWeight="semibold">
          {step.title}
        </Text>
        {step.done ? <Badge tone="success">Done</Badge> : null}
      </InlineStack>
      {step.done && !allDone ? null : (
        <Text as="p" tone="subdued">
          {step.text}
        </Text>
      )}
      {step.findings.map((finding) => (
        <Text key={finding.url} as="p">
          {finding.text} <TextLink url={finding.url}>{finding.evidence}</TextLink>
        </Text>
      ))}
      {isNext ? <StepAction action={step.action} /> : null}
    </BlockStack>
  );
}

function StepAction({ action }: Pick<SetupStep, "action">) {
  return "url" in action ? (
    <Button url={action.url} size="slim">
      {action.label}
    </Button>
  ) : (
    <PermissionAction label={action.label} scope={action.permission} />
  );
}

function PermissionAction({ label, scope }: { readonly label: string; readonly scope: string }) {
  const permission = usePermission(scope);
  return (
    <BlockStack gap="100" inlineAlign="start">
      <Button size="slim" loading={permission.busy} onClick={() => void permission.ask()}>
        {label}
      </Button>
      <PermissionRefused permission={permission} />
    </BlockStack>
  );
}
