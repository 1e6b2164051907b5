// The filter form of Stock history: a plain form that writes the address, so links, back and bookmarks keep it.

import { BlockStack, Button, Card, Collapsible, InlineGrid, InlineStack, Select, TextField } from "@shopify/polaris";
import { Form, useNavigation } from "@remix-run/react";
import { useState } from "react";

import type { HistoryFilters } from "../history-filters.ts";
import type { HistoryPage } from "../history-page.server.ts";
import { CAUSES, CHANGE_STATES } from "../terms.ts";

type HistoryFilterFormProps = Pick<HistoryPage, "filters" | "problems">;

const ANY = { label: "Any", value: "" };
const STATE_OPTIONS = [ANY, ...Object.entries(CHANGE_STATES).map(([value, term]) => ({ label: term.label, value })), { label: "Waiting or sending", value: "waiting,claimed" }];
const CAUSE_OPTIONS = [ANY, ...Object.entries(CAUSES).map(([value, term]) => ({ label: term.label, value }))];
const WHEN_OPTIONS = [
  { label: "Any time, or chosen days", value: "" },
  { label: "Today", value: "today" },
  { label: "Last 24 hours", value: "day" },
  { label: "Last 7 days", value: "week" },
  { label: "Last 30 days", value: "month" },
];

/** Mount it with a key made of the filters: a link that changes them then starts the form anew. */
export function HistoryFilterForm({ filters, problems }: HistoryFilterFormProps) {
  const [draft, setDraft] = useState(filters);
  const [moreOpen, setMoreOpen] = useState(filters.cause !== "" || filters.from !== "" || filters.to !== "" || filters.trace !== "");
  const navigation = useNavigation();
  const field = (name: keyof HistoryFilters) => ({ name, value: draft[name], onChange: (value: string) => setDraft({ ...draft, [name]: value }), ...(problems[name] === undefined ? {} : { error: problems[name] }) });
  const filtered = Object.values(filters).some((value) => value !== "");
  return (
    <Card>
      <Form method="get" action="/app/history" role="search" aria-label="Filter the stock history">
        <BlockStack gap="300">
          <InlineGrid columns={{ xs: 1, sm: 2, md: 4 }} gap="300">
            <TextField label="Order" placeholder="#1001" autoComplete="off" {...field("order")} />
            <TextField label="SKU or item" autoComplete="off" {...field("item")} />
            <Select label="State" options={STATE_OPTIONS} {...field("state")} />
            <Select label="When" options={WHEN_OPTIONS} {...field("when")} />
          </InlineGrid>
          <Collapsible id="more-filters" open={moreOpen}>
            <InlineGrid columns={{ xs: 1, sm: 2, md: 4 }} gap="300">
              <Select label="Cause" options={CAUSE_OPTIONS} {...field("cause")} />
              <TextField label="From day" type="date" autoComplete="off" {...field("from")} disabled={draft.when !== ""} />
              <TextField label="To day" type="date" autoComplete="off" {...field("to")} disabled={draft.when !== ""} />
              <TextField label="Trace id" autoComplete="off" {...field("trace")} />
            </InlineGrid>
          </Collapsible>
          <InlineStack gap="300" blockAlign="center">
            <Button submit variant="primary" loading={navigation.state === "loading" && navigation.location.pathname === "/app/history"}>
              Filter
            </Button>
            {filtered ? <Button url="/app/history">Clear</Button> : null}
            <Button variant="plain" disclosure={moreOpen ? "up" : "down"} ariaExpanded={moreOpen} ariaControls="more-filters" onClick={() => setMoreOpen(!moreOpen)}>
              {moreOpen ? "Fewer filters" : "More filters"}
            </Button>
          </InlineStack>
        </BlockStack>
      </Form>
    </Card>
  );
}
