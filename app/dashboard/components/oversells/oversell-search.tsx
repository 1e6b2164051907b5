// Looks for an oversell by item, SKU or order: a plain form that writes the address, so links, back and bookmarks keep it.

import { Button, TextField } from "@shopify/polaris";
import { Form, useNavigation } from "@remix-run/react";
import { useState } from "react";

import type { OversellView } from "../../oversell-terms.ts";
import { oversellsUrl, SEARCH_LENGTH_MAX } from "../../oversell-view.ts";

interface OversellSearchProps {
  readonly view: OversellView;
  readonly search: string | null;
}

/** Mount it with a key made of the search: a link that changes it then starts the field anew. */
export function OversellSearch({ view, search }: OversellSearchProps) {
  const [text, setText] = useState(search ?? "");
  const navigation = useNavigation();
  return (
    <Form method="get" action="/app/oversells" role="search" aria-label="Search oversells">
      {view === "open" ? null : <input type="hidden" name="show" value={view} />}
      <div className="hf-fields">
        <TextField label="Item, SKU or order" labelHidden placeholder="Item, SKU or order" name="search" value={text} onChange={setText} maxLength={SEARCH_LENGTH_MAX} autoComplete="off" type="search" />
        <div className="hf-field__action">
          <Button submit loading={navigation.state === "loading" && navigation.location.pathname === "/app/oversells"}>
            Search
          </Button>
        </div>
        {search === null ? null : (
          <div className="hf-field__action">
            <Button url={oversellsUrl(view)}>Clear</Button>
          </div>
        )}
      </div>
    </Form>
  );
}
