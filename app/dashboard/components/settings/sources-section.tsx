// Which order sources bypass Shopify's own stock count, beside the evidence that Holdfast has seen of each.

import { Badge, Banner, BlockStack, Button, Checkbox, InlineError, InlineStack, Select, Text, TextField } from "@shopify/polaris";
import { useFetcher } from "@remix-run/react";
import { memo } from "react";

import { BYPASS_OBSERVATIONS_MIN } from "#app/domain/order-mode.ts";
import { NATIVE_SOURCE_NAMES } from "#app/domain/settings.ts";

import { formatCount, plural } from "../../formatting.ts";
import { NOT_PERMITTED } from "../../permission-terms.ts";
import type { SettingsActionResult } from "../../settings-action.ts";
import { faultAt, type SourceDraft } from "../../settings-draft.ts";
import type { SourcesPage } from "../../settings-page.server.ts";
import { SETTINGS_PAGES } from "../../settings-parts.ts";
import { sourceText } from "../../terms.ts";
import { afterPaint } from "../after-paint.ts";
import { Moment } from "../moment.tsx";
import { TextLink } from "../text-link.tsx";
import { equalData } from "./equal-data.ts";
import { FieldWithAction, Hint, SettingsSection, type SectionProps } from "./section.tsx";

type Evidence = SourcesPage["sources"][number];

interface SourcesSectionProps extends SectionProps {
  readonly page: Pick<SourcesPage, "sources" | "nowMs" | "timeZone">;
}

export function SourcesSection({ draft, edit, faults, page }: SourcesSectionProps) {
  const evidence = new Map(page.sources.map((source) => [source.sourceKey, source]));
  const change = (key: string, patch: Partial<SourceDraft>) => edit(({ sources }) => ({ sources: sources.map((source) => (source.key === key ? { ...source, ...patch } : source)) }));
  const named = new Set(draft.sources.map(keyOf));
  const others = page.sources.filter((source) => !named.has(source.sourceKey));
  const add = (source: Omit<SourceDraft, "key" | "confirmedBypass">) => afterPaint(() => edit(({ sources }) => ({ sources: [...sources, { ...source, key: crypto.randomUUID(), confirmedBypass: false }] })));
  return (
    <SettingsSection id="sources" title={SETTINGS_PAGES.sources.title} titleHidden>
      {draft.sources.length === 0 ? <Hint>No source is named yet: Holdfast takes stock only for the components of your bundles.</Hint> : null}
      {draft.sources.map((source, index) => (
        <SourceFields
          key={source.key}
          source={source}
          path={`deduct.sources[${index}]`}
          faults={faults}
          evidence={evidence.get(keyOf(source))}
          page={page}
          onChange={(patch) => change(source.key, patch)}
          onRemove={() => afterPaint(() => edit(({ sources }) => ({ sources: sources.filter((other) => other.key !== source.key) })))}
        />
      ))}
      <InlineStack>
        <Button onClick={() => add({ kind: "name", value: "" })}>Add a source</Button>
      </InlineStack>
      <SeenSources sources={others} page={page} onAdd={add} />
    </SettingsSection>
  );
}

interface SourceFieldsProps extends Pick<SectionProps, "faults"> {
  readonly source: SourceDraft;
  readonly path: string;
  readonly evidence: Evidence | undefined;
  readonly page: SourcesSectionProps["page"];
  readonly onChange: (patch: Partial<SourceDraft>) => void;
  readonly onRemove: () => void;
}

const SourceFields = memo(function SourceFields({ source, path, faults, evidence, page, onChange, onRemove }: SourceFieldsProps) {
  const own = faultAt(faults, path);
  const error = faultAt(faults, `${path}.${source.kind === "app" ? "appId" : "sourceName"}`);
  const name = source.value === "" ? "this source" : sourceText(keyOf(source));
  return (
    <BlockStack gap="200">
      <div className="hf-fields">
        <Select
          label="Named by"
          options={[
            { label: "Source name", value: "name" },
            { label: "App id", value: "app" },
          ]}
          value={source.kind}
          onChange={(kind) => onChange({ kind: kind === "app" ? "app" : "name" })}
        />
        <FieldWithAction
          action={
            <Button variant="tertiary" tone="critical" onClick={onRemove} accessibilityLabel={`Remove ${name}`}>
              Remove
            </Button>
          }
        >
          <TextField
            id={`${source.key}-value`}
            label={source.kind === "app" ? "App id" : "Source name"}
            placeholder={source.kind === "app" ? "123456" : "my-channel"}
            autoComplete="off"
            value={source.value}
            onChange={(value) => onChange({ value })}
            error={error !== undefined}
          />
        </FieldWithAction>
      </div>
      {error === undefined ? null : <InlineError message={error} fieldID={`${source.key}-value`} />}
      {own === undefined ? null : <InlineError message={own} fieldID={`${source.key}-source`} />}
      <EvidenceText evidence={evidence} page={page} />
      <PausedNotice evidence={evidence} name={name} />
      <Checkbox
        label="I have checked that these orders do not reduce stock in Shopify"
        helpText={`Without this, Holdfast protects after it has seen ${BYPASS_OBSERVATIONS_MIN} such orders leave stock untouched, and none that took it.`}
        checked={source.confirmedBypass}
        onChange={(confirmedBypass) => onChange({ confirmedBypass })}
      />
    </BlockStack>
  );
}, equalData);

function EvidenceText({ evidence, page }: Pick<SourceFieldsProps, "evidence" | "page">) {
  if (evidence === undefined) return <Hint>No order of this source has been seen yet.</Hint>;
  return (
    <Hint>
      <TextLink url={`/app/history?${new URLSearchParams({ source: evidence.sourceKey }).toString()}`}>{`${plural(evidence.orderCount, "order")} seen`}</TextLink>, most recently <Moment at={evidence.lastSeenAt} nowMs={page.nowMs} timeZone={page.timeZone} />. {comparedText(evidence)}
    </Hint>
  );
}

/** Orders are compared with the stock in Shopify while nothing else moves it, so not every order seen is compared. */
function comparedText({ bypassCount, tookStockCount }: Evidence): string {
  if (bypassCount + tookStockCount === 0) return "None was compared with Shopify's stock yet.";
  return `Compared with Shopify's stock: ${formatCount(bypassCount)} left it untouched, ${formatCount(tookStockCount)} had it taken by Shopify.`;
}

function PausedNotice({ evidence, name }: Pick<SourceFieldsProps, "evidence"> & { readonly name: string }) {
  const fetcher = useFetcher<SettingsActionResult>();
  if (evidence === undefined || evidence.pausedAt === null) return null;
  const refusal = fetcher.state === "idle" && fetcher.data !== undefined ? resumeRefusal(fetcher.data) : null;
  return (
    <Banner tone="critical" title={`Paused: Shopify took the stock of an order from ${name} itself`}>
      <BlockStack gap="200" inlineAlign="start">
        <Text as="p">Holdfast only watches this source now. Resume it when you know why, and that it will not happen again.</Text>
        {refusal === null ? null : <InlineError message={refusal} fieldID={`resume-${evidence.sourceKey}`} />}
        <Button
          id={`resume-${evidence.sourceKey}`}
          loading={fetcher.state !== "idle"}
          onClick={() => fetcher.submit({ intent: "resume-source", sourceKey: evidence.sourceKey }, { method: "post" })}
        >
          I have checked it: resume
        </Button>
      </BlockStack>
    </Banner>
  );
}

/** Null: it goes on, or went on before. */
function resumeRefusal({ kind }: SettingsActionResult): string | null {
  if (kind === "resumed" || kind === "not_paused") return null;
  return kind === "not_permitted" ? `${NOT_PERMITTED.title}. ${NOT_PERMITTED.text}` : "It could not be resumed just now. Try again in a moment.";
}

interface SeenSourcesProps {
  readonly sources: readonly Evidence[];
  readonly page: SourcesSectionProps["page"];
  readonly onAdd: (source: Omit<SourceDraft, "key" | "confirmedBypass">) => void;
}

/** What else sends orders to this shop, so that nobody has to know a source's technical name by heart. */
function SeenSources({ sources, page, onAdd }: SeenSourcesProps) {
  if (sources.length === 0) return null;
  return (
    <BlockStack gap="200">
      <Text as="h2" variant="headingSm">
        Other sources seen
      </Text>
      <ul className="hf-cards">
        {sources.map((source) => {
          const name = source.sourceKey.startsWith("name:") ? source.sourceKey.slice("name:".length) : null;
          const native = name !== null && NATIVE_SOURCE_NAMES.includes(name);
          return (
            <li key={source.sourceKey} style={{ padding: "var(--p-space-200) 0" }}>
              <InlineStack align="space-between" blockAlign="center" gap="200" wrap={false}>
                <BlockStack>
                  <Text as="span">{sourceText(source.sourceKey)}</Text>
                  {native ? null : <EvidenceText evidence={source} page={page} />}
                </BlockStack>
                {native || name === "" ? (
                  <Badge>{native ? "Shopify takes the stock" : "Cannot be named"}</Badge>
                ) : (
                  <Button
                    size="slim"
                    accessibilityLabel={`Add ${sourceText(source.sourceKey)}`}
                    onClick={() => onAdd(name === null ? { kind: "app", value: source.sourceKey.slice("app:".length) } : { kind: "name", value: name })}
                  >
                    Add
                  </Button>
                )}
              </InlineStack>
            </li>
          );
        })}
      </ul>
    </BlockStack>
  );
}

function keyOf(source: SourceDraft): string {
  return `${source.kind}:${source.value.trim()}`;
}
