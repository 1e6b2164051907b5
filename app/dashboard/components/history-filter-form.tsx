// The filter form of Stock history: a plain form that writes the address, so links, back and bookmarks keep it.

import { BlockStack, Button, Card, InlineGrid, InlineStack } from "@shopify/polaris";
import { Form, useNavigation } from "@remix-run/react";
import { memo, useCallback, useMemo, useState } from "react";

import type { HistoryFilters } from "../history-filters.ts";
import type { HistoryPage } from "../history-page.server.ts";
import { FILTER_NAMES, HISTORY_MODES, WHEN_NAMES, whoText } from "../history-terms.ts";
import { CAUSES, CHANGE_STATES, REVIEW_REASON_TERMS, sourceText } from "../terms.ts";
import { afterPaint } from "./after-paint.ts";
import { type Choice, FilterChoice, FilterText } from "./filter-field.tsx";
import { FilterTags } from "./filter-tags.tsx";

type HistoryFilterFormProps = Pick<HistoryPage, "filters" | "problems" | "options" | "tags">;

const ANY: Choice = { label: "Any", value: "" };
const STATE_OPTIONS = [ANY, ...termOptions(CHANGE_STATES), { label: "Waiting or sending", value: "waiting,claimed" }];
const CAUSE_OPTIONS = [ANY, ...termOptions(CAUSES)];
const MODE_OPTIONS = [ANY, ...termOptions(HISTORY_MODES)];
const WHY_OPTIONS = [ANY, ...termOptions(REVIEW_REASON_TERMS)];
const WHEN_OPTIONS = [{ label: "Any time, or chosen days", value: "" }, ...Object.entries(WHEN_NAMES).map(([value, label]) => ({ label, value }))];
/** Shown at once; the others behind "More filters". */
const FIRST_FILTERS: readonly (keyof HistoryFilters)[] = ["order", "item", "state", "when"];

/** Mount it with a key made of the filters: a link that changes them then starts the form anew. */
export const HistoryFilterForm = memo(function HistoryFilterForm({ filters, problems, options, tags }: HistoryFilterFormProps) {
  const [draft, setDraft] = useState(filters);
  // The tags say what is in use; open at once they would push the list off a phone's screen.
  const [moreOpen, setMoreOpen] = useState(Object.keys(problems).some((name) => !FIRST_FILTERS.some((first) => first === name)));
  const navigation = useNavigation();
  const onFilter = useCallback((name: string, value: string) => setDraft((known) => ({ ...known, [name]: value })), []);
  const field = (name: keyof HistoryFilters) => ({ name, label: FILTER_NAMES[name], value: draft[name], error: problems[name], onFilter });
  const shopOptions = useMemo(() => optionsOf(options), [options]);
  const filtered = Object.values(filters).some((value) => value !== "");
  return (
    <Card>
      <Form method="get" action="/app/history" role="search" aria-label="Filter the stock history">
        <BlockStack gap="300">
          <InlineGrid columns={{ xs: 1, sm: 2, md: 4 }} gap="300">
            <FilterText {...field("order")} placeholder="#1001" />
            <FilterText {...field("item")} />
            <FilterChoice {...field("state")} options={STATE_OPTIONS} />
            <FilterChoice {...field("when")} options={WHEN_OPTIONS} />
          </InlineGrid>
          <div id="more-filters" hidden={!moreOpen}>
            <InlineGrid columns={{ xs: 1, sm: 2, md: 4 }} gap="300">
              <FilterChoice {...field("cause")} options={CAUSE_OPTIONS} />
              <FilterChoice {...field("location")} options={shopOptions.locations} />
              <FilterChoice {...field("source")} options={shopOptions.sources} />
              <FilterChoice {...field("who")} options={shopOptions.actors} />
              <FilterChoice {...field("mode")} options={MODE_OPTIONS} />
              <FilterChoice {...field("why")} options={WHY_OPTIONS} />
              <FilterText {...field("from")} type="date" disabled={draft.when !== ""} />
              <FilterText {...field("to")} type="date" disabled={draft.when !== ""} />
              <FilterText {...field("trace")} />
            </InlineGrid>
          </div>
          <InlineStack gap="300" blockAlign="center">
            <Button submit variant="primary" loading={navigation.state === "loading" && navigation.location.pathname === "/app/history"}>
              Filter
            </Button>
            {filtered ? <Button url="/app/history">Clear</Button> : null}
            <Button variant="plain" disclosure={moreOpen ? "up" : "down"} ariaExpanded={moreOpen} ariaControls="more-filters" onClick={() => afterPaint(() => setMoreOpen(!moreOpen))}>
              {moreOpen ? "Fewer filters" : "More filters"}
            </Button>
          </InlineStack>
          <FilterTags tags={tags} />
        </BlockStack>
      </Form>
    </Card>
  );
});

function termOptions(terms: Readonly<Record<string, { readonly label: string }>>): Choice[] {
  return Object.entries(terms).map(([value, term]) => ({ label: term.label, value }));
}

function optionsOf({ locations, sources, actors }: HistoryFilterFormProps["options"]): Readonly<Record<"locations" | "sources" | "actors", readonly Choice[]>> {
  return {
    locations: [ANY, ...locations],
    sources: [ANY, ...sources.map((value) => ({ value, label: sourceText(value) }))],
    actors: [ANY, { value: "anybody", label: whoText("anybody") }, ...actors.map((value) => ({ value, label: whoText(value) }))],
  };
}
