// The filters of the notifications page beside its views: a plain form that writes the address.

import { BlockStack, Button, Card, InlineGrid, InlineStack } from "@shopify/polaris";
import { Form } from "@remix-run/react";
import { useCallback, useState } from "react";

import type { NotificationFilters } from "../notification-filters.ts";
import type { NotificationTag } from "../notification-view.ts";
import { DELIVERY_STATES, TOPIC_NAMES, topicText } from "../terms.ts";
import { FilterChoice } from "./filter-field.tsx";
import { FilterTags } from "./filter-tags.tsx";

const ANY = { label: "Any", value: "" };
const STATES = [ANY, ...Object.entries(DELIVERY_STATES).map(([value, term]) => ({ value, label: term.label }))];
const TOPICS = [ANY, ...TOPIC_NAMES.map((value) => ({ value, label: `${topicText(value) ?? value} (${value})` }))];

const REPEATED = [ANY, { label: "Came more than once", value: "yes" }];
const LATE = [ANY, { label: "Came more than a minute late", value: "yes" }];

/** Mount it with a key made of the filters. */
export function NotificationFilterForm({ filters, tags }: { readonly filters: NotificationFilters; readonly tags: readonly NotificationTag[] }) {
  const [draft, setDraft] = useState(filters);
  const onFilter = useCallback((name: string, value: string) => setDraft((known) => ({ ...known, [name]: value })), []);
  const field = (name: keyof NotificationFilters) => ({ name, value: draft[name], onFilter });
  return (
    <Card>
      <Form method="get" action="/app/history/notifications" role="search" aria-label="Filter the notifications">
        <BlockStack gap="300">
          <InlineGrid columns={{ xs: 1, sm: 2, md: 4 }} gap="300">
            <FilterChoice label="About" options={TOPICS} {...field("topic")} />
            <FilterChoice label="State" options={STATES} {...field("state")} />
            <FilterChoice label="Repeated" options={REPEATED} {...field("duplicated")} />
            <FilterChoice label="Late" options={LATE} {...field("late")} />
          </InlineGrid>
          {filters.when === "" ? null : <input type="hidden" name="when" value={filters.when} />}
          {filters.about === "" ? null : <input type="hidden" name="about" value={filters.about} />}
          <InlineStack gap="300">
            <Button submit variant="primary">
              Filter
            </Button>
            {tags.length === 0 ? null : <Button url="/app/history/notifications">Clear</Button>}
          </InlineStack>
          <FilterTags tags={tags} />
        </BlockStack>
      </Form>
    </Card>
  );
}
