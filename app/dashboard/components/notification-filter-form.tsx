// The filters of the notifications page beside its views: a plain form that writes the address.

import { BlockStack, Button, Card, InlineGrid, InlineStack, Select } from "@shopify/polaris";
import { Form } from "@remix-run/react";
import { useState } from "react";

import type { NotificationFilters } from "../notification-filters.ts";
import type { NotificationTag } from "../notification-view.ts";
import { DELIVERY_STATES, TOPIC_NAMES, topicText } from "../terms.ts";
import { FilterTags } from "./filter-tags.tsx";

const ANY = { label: "Any", value: "" };
const STATES = [ANY, ...Object.entries(DELIVERY_STATES).map(([value, term]) => ({ value, label: term.label }))];
const TOPICS = [ANY, ...TOPIC_NAMES.map((value) => ({ value, label: `${topicText(value) ?? value} (${value})` }))];

/** Mount it with a key made of the filters. */
export function NotificationFilterForm({ filters, tags }: { readonly filters: NotificationFilters; readonly tags: readonly NotificationTag[] }) {
  const [draft, setDraft] = useState(filters);
  const field = (name: keyof NotificationFilters) => ({ name, value: draft[name], onChange: (value: string) => setDraft({ ...draft, [name]: value }) });
  const topics = TOPICS.some((topic) => topic.value === draft.topic) ? TOPICS : [...TOPICS, { label: draft.topic, value: draft.topic }];
  return (
    <Card>
      <Form method="get" action="/app/history/notifications" role="search" aria-label="Filter the notifications">
        <BlockStack gap="300">
          <InlineGrid columns={{ xs: 1, sm: 2, md: 4 }} gap="300">
            <Select label="About" options={topics} {...field("topic")} />
            <Select label="State" options={STATES} {...field("state")} />
            <Select label="Repeated" options={[ANY, { label: "Came more than once", value: "yes" }]} {...field("duplicated")} />
            <Select label="Late" options={[ANY, { label: "Came more than a minute late", value: "yes" }]} {...field("late")} />
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
