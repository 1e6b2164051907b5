// The way of a change as an ordered list of steps.

import { BlockStack, InlineStack, Text } from "@shopify/polaris";

import type { StoryFact, StoryStep } from "../change-story.ts";
import { Copyable } from "./copyable.tsx";
import { Facts } from "./facts.tsx";
import { Moment } from "./moment.tsx";
import { TextLink } from "./text-link.tsx";

interface StoryProps {
  readonly steps: readonly StoryStep[];
  readonly nowMs: number;
  readonly timeZone: string;
}

export function Story({ steps, nowMs, timeZone }: StoryProps) {
  return (
    <ol className="hf-steps">
      {steps.map((step) => (
        <li key={step.key} className="hf-step">
          <span className={`hf-step__dot${step.tone === undefined ? "" : ` hf-step__dot--${step.tone}`}`} aria-hidden="true" />
          <BlockStack gap="150">
            <InlineStack align="space-between" gap="200">
              <Text as="h3" variant="headingSm">
                {step.title}
              </Text>
              {step.at === null ? null : (
                <Text as="span" tone="subdued">
                  <Moment at={step.at} nowMs={nowMs} timeZone={timeZone} exact />
                </Text>
              )}
            </InlineStack>
            {step.text === null ? null : <Text as="p">{step.text}</Text>}
            {step.facts.length === 0 ? null : <Facts facts={step.facts.map((fact) => ({ name: fact.name, value: <FactValue fact={fact} /> }))} />}
          </BlockStack>
        </li>
      ))}
    </ol>
  );
}

function FactValue({ fact }: { readonly fact: StoryFact }) {
  if (fact.url !== undefined) return <TextLink url={fact.url}>{fact.value}</TextLink>;
  return fact.copyable === true ? <Copyable value={fact.value} name={fact.name.toLowerCase()} /> : <>{fact.value}</>;
}
