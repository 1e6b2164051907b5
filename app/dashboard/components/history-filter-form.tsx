// The filter form of Stock history: a plain form that writes the address, so links, back and bookmarks keep it.

import { BlockStack, Button, Card, InlineGrid, InlineStack, Select, TextField } from "@shopify/polaris";
import { Form, useNavigation } from "@remix-run/react";
import { useState } from "react";

import type { HistoryFilters } from "../history-filters.ts";
import type { HistoryPage } from "../history-page.server.ts";
import { FILTER_NAMES, HISTORY_MODES, WHEN_NAMES, whoText } from "../history-terms.ts";
import { CAUSES, CHANGE_STATES, REVIEW_REASON_TERMS, sourceText } from "../terms.ts";
import { FilterTags } from "./filter-tags.tsx";

type HistoryFilterFormProps = Pick<HistoryPage, "filters" | "problems" | "options" | "tags">;

interface Option {
  readonly label: string;
  readonly value: string;
}

const ANY: Option = { label: "Any", value: "" };
const STATE_OPTIONS = [ANY, ...termOptions(CHANGE_STATES), { label: "Waiting or sending", value: "waiting,claimed" }];
const CAUSE_OPTIONS = [ANY, ...termOptions(CAUSES)];
const MODE_OPTIONS = [ANY, ...termOptions(HISTORY_MODES)];
const WHY_OPTIONS = [ANY, ...termOptions(REVIEW_REASON_TERMS)];
const WHEN_OPTIONS = [{ label: "Any time, or chosen days", value: "" }, ...Object.entries(WHEN_NAMES).map(([value, label]) => ({ label, value }))];
/** Shown at once; the others behind "More filters". */
const FIRST_FILTERS: readonly (keyof HistoryFilters)[] = ["order", "item", "state", "when"];

/** Mount it with a key made of the filters: a link that changes them then starts the form anew. */
export function HistoryFilterForm({ filters, problems, options, tags }: HistoryFilterFormProps) {
  const [draft, setDraft] = useState(filters);
  // The tags say what is in use; open at once they would push the list off a phone's screen.
  const [moreOpen, setMoreOpen] = useState(Object.keys(problems).some((name) => !FIRST_FILTERS.some((first) => first === name)));
  const navigation = useNavigation();
  const field = (name: keyof HistoryFilters) => ({
    name,
    label: FILTER_NAMES[name],
    value: draft[name],
    onChange: (value: string) => setDraft({ ...draft, [name]: value }),
    ...(problems[name] === undefined ? {} : { error: problems[name] }),
  });
  const choice = (name: keyof HistoryFilters, choices: readonly Option[]) => <Select {...field(name)} options={withPresent(choices, draft[name])} />;
  const filtered = Object.values(filters).some((value) => value !== "");
  return (
    <Card>
      <Form method="get" action="/app/history" role="search" aria-label="Filter the stock history">
        <BlockStack gap="300">
          <InlineGrid columns={{ xs: 1, sm: 2, md: 4 }} gap="300">
            <TextField {...field("order")} placeholder="#1001" autoComplete="off" />
            <TextField {...field("item")} autoComplete="off" />
            {choice("state", STATE_OPTIONS)}
            {choice("when", WHEN_OPTIONS)}
          </InlineGrid>
          <div id="more-filters" hidden={!moreOpen}>
            <InlineGrid columns={{ xs: 1, sm: 2, md: 4 }} gap="300">
              {choice("cause", CAUSE_OPTIONS)}
              {choice("location", [ANY, ...options.locations])}
              {choice("source", [ANY, ...options.sources.map((value) => ({ value, label: sourceText(value) }))])}
              {choice("who", [ANY, { value: "anybody", label: whoText("anybody") }, ...options.actors.map((value) => ({ value, label: whoText(value) }))])}
              {choice("mode", MODE_OPTIONS)}
              {choice("why", WHY_OPTIONS)}
              <TextField {...field("from")} type="date" autoComplete="off" disabled={draft.when !== ""} />
              <TextField {...field("to")} type="date" autoComplete="off" disabled={draft.when !== ""} />
              <TextField {...field("trace")} autoComplete="off" />
            </InlineGrid>
          </div>
          <InlineStack gap="300" blockAlign="center">
            <Button submit variant="primary" loading={navigation.state === "loading" && navigation.location.pathname === "/app/history"}>
              Filter
            </Button>
            {filtered ? <Button url="/app/history">Clear</Button> : null}
            <Button variant="plain" disclosure={moreOpen ? "up" : "down"} ariaExpanded={moreOpen} ariaControls="more-filters" onClick={() => setMoreOpen(!moreOpen)}>
              {moreOpen ? "Fewer filters" : "More filters"}
            </Button>
          </InlineStack>
          <FilterTags tags={tags} />
        </BlockStack>
      </Form>
    </Card>
  );
}

function termOptions(terms: Readonly<Record<string, { readonly label: string }>>): Option[] {
  return Object.entries(terms).map(([value, term]) => ({ label: term.label, value }));
}

/** A value that came with the address and is none of the choices is shown as it is, so that it is not lost with the next search. */
function withPresent(choices: readonly Option[], present: string): Option[] {
  return choices.some((one) => one.value === present) ? [...choices] : [...choices, { label: present, value: present }];
}
