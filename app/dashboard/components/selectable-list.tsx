// A list whose rows can be acted on: one by one, those that are selected, or all that match beyond this page. One layout that wraps on a
// phone. Polaris' own ResourceList draws itself differently on the server and in the browser, and the page would be built twice.

import { Button, ButtonGroup, Checkbox } from "@shopify/polaris";
import type { ReactNode } from "react";

import { plural } from "../formatting.ts";

/** Ids of rows on this page, or all that match whatever page they are on. */
export type Selected = readonly string[] | "all";

export interface ListAct {
  readonly label: string;
  readonly onAction: () => void;
}

export interface SelectableRow {
  readonly id: string;
  /** Tells it apart from the others. */
  readonly name: string;
  readonly content: ReactNode;
  readonly acts: readonly ListAct[];
}

interface SelectableListProps {
  /** "change" */
  readonly noun: string;
  readonly nouns?: string;
  readonly rows: readonly SelectableRow[];
  /** More match than this page shows. */
  readonly hasMore: boolean;
  /** An act is under way: nothing can be started meanwhile. */
  readonly busy: boolean;
  readonly selected: Selected;
  readonly onSelect: (selected: Selected) => void;
  /** For what is selected. */
  readonly bulkActs: readonly ListAct[];
}

export function SelectableList({ noun, nouns = `${noun}s`, rows, hasMore, busy, selected, onSelect, bulkActs }: SelectableListProps) {
  const ids = rows.map((row) => row.id);
  const isSelected = (id: string) => selected === "all" || selected.includes(id);
  const selectedHere = ids.filter(isSelected);
  const allHere = selectedHere.length === ids.length;
  const toggle = (id: string, on: boolean) => onSelect(on ? [...selectedHere, id] : selectedHere.filter((one) => one !== id));
  return (
    <div>
      <div className="hf-select-head">
        <Checkbox
          label={selected === "all" ? `All ${nouns} that match` : selectedHere.length === 0 ? `Select all ${plural(ids.length, noun, nouns)} on this page` : `${selectedHere.length} selected`}
          // Not "indeterminate" for some: Polaris writes it as aria-checked="mixed", which a native checkbox may not have.
          checked={allHere}
          onChange={(on) => onSelect(on ? ids : [])}
        />
        {allHere && hasMore && selected !== "all" ? (
          <Button variant="plain" onClick={() => onSelect("all")}>
            {`Select all ${nouns} that match`}
          </Button>
        ) : null}
        {selectedHere.length === 0 ? null : (
          <div className="hf-select-head__acts">
            <ActButtons acts={bulkActs} busy={busy} about="what is selected" />
          </div>
        )}
      </div>
      <ul className="hf-cards">
        {rows.map((row) => (
          <li key={row.id} className="hf-select-row" data-selected={isSelected(row.id)}>
            <Checkbox label={`Select ${row.name}`} labelHidden checked={isSelected(row.id)} onChange={(on) => toggle(row.id, on)} />
            <div className="hf-select-row__content">{row.content}</div>
            {row.acts.length === 0 ? null : (
              <div className="hf-select-row__acts">
                <ActButtons acts={row.acts} busy={busy} about={row.name} />
              </div>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function ActButtons({ acts, busy, about }: { readonly acts: readonly ListAct[]; readonly busy: boolean; readonly about: string }) {
  return (
    <ButtonGroup gap="tight">
      {acts.map((act) => (
        <Button key={act.label} size="slim" disabled={busy} accessibilityLabel={`${act.label}: ${about}`} onClick={act.onAction}>
          {act.label}
        </Button>
      ))}
    </ButtonGroup>
  );
}
