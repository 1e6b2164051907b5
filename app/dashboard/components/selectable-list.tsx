// A list whose rows can be acted on: one by one, those that are selected, or all that match beyond this page. One layout that wraps on a
// phone. Polaris' own ResourceList draws itself differently on the server and in the browser, and the page would be built twice.

import { Button, ButtonGroup, Checkbox } from "@shopify/polaris";
import { memo, type ReactNode, useDeferredValue, useReducer, useState } from "react";

import { plural } from "../formatting.ts";
import { afterPaint } from "./after-paint.ts";

/** Ids of rows on this page, or all that match whatever page they are on. */
export type Selected = readonly string[] | "all";

/** One row of this page, all of them, none, or all that match. */
type Selection = { readonly id: string; readonly on: boolean; readonly all?: undefined } | { readonly all: boolean | "matching" };

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
  /** Acts that were begun so far: with each of them nothing is selected any more. */
  readonly begunCount: number;
  /** For what is selected. */
  readonly bulkActs: (selected: Selected) => readonly ListAct[];
}

/** It keeps what is selected, so that a click draws a row and not the page. */
export function SelectableList({ noun, nouns = `${noun}s`, rows, hasMore, busy, begunCount, bulkActs }: SelectableListProps) {
  const ids = rows.map((row) => row.id);
  const [selected, select] = useReducer((known: Selected, change: Selection): Selected => {
    if (change.all !== undefined) return change.all === "matching" ? "all" : change.all ? ids : [];
    const others = (known === "all" ? ids : known).filter((id) => id !== change.id);
    return change.on ? [...others, change.id] : others;
  }, []);
  /** What the head's box was ticked to, until the rows say the same. */
  const [wanted, setWanted] = useState<boolean | null>(null);
  const [seenCount, setSeenCount] = useState(begunCount);
  if (seenCount !== begunCount) {
    setSeenCount(begunCount);
    select({ all: false });
  }
  // The page's other parts answer first; fifty rows follow.
  const [shownRows, shownBusy] = [useDeferredValue(rows), useDeferredValue(busy)];
  const isSelected = (id: string) => selected === "all" || selected.includes(id);
  const selectedHere = ids.filter(isSelected);
  const allHere = selectedHere.length === ids.length;
  // The head answers the click; the rows follow.
  const selectHere = (on: boolean) => {
    setWanted(on);
    afterPaint(() => {
      select({ all: on });
      setWanted(null);
    });
  };
  return (
    <div>
      <div className="hf-select-head">
        <Checkbox
          label={selected === "all" ? `All ${nouns} that match` : selectedHere.length === 0 ? `Select all ${plural(ids.length, noun, nouns)} on this page` : `${selectedHere.length} selected`}
          // Not "indeterminate" for some: Polaris writes it as aria-checked="mixed", which a native checkbox may not have.
          checked={wanted ?? allHere}
          onChange={selectHere}
        />
        {allHere && hasMore && selected !== "all" ? (
          <Button variant="plain" onClick={() => select({ all: "matching" })}>
            {`Select all ${nouns} that match`}
          </Button>
        ) : null}
        {selectedHere.length === 0 ? null : (
          <div className="hf-select-head__acts">
            <ActButtons acts={bulkActs(selected)} busy={busy} about="what is selected" />
          </div>
        )}
      </div>
      <ul className="hf-cards">
        {shownRows.map((row) => (
          <Row key={row.id} row={row} busy={shownBusy} selected={isSelected(row.id)} onSelect={select} />
        ))}
      </ul>
    </div>
  );
}

interface RowProps {
  readonly row: SelectableRow;
  readonly busy: boolean;
  readonly selected: boolean;
  readonly onSelect: (change: Selection) => void;
}

const Row = memo(function Row({ row, busy, selected, onSelect }: RowProps) {
  return (
    <li className="hf-select-row" data-selected={selected}>
      <Checkbox label={`Select ${row.name}`} labelHidden checked={selected} onChange={(on) => onSelect({ id: row.id, on })} />
      <div className="hf-select-row__content">{row.content}</div>
      {row.acts.length === 0 ? null : (
        <div className="hf-select-row__acts">
          <ActButtons acts={row.acts} busy={busy} about={row.name} />
        </div>
      )}
    </li>
  );
});

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
