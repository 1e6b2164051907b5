// A list as a table on a desk and as cards on a phone: both are in the page, and the stylesheet shows one.

import type { ReactNode } from "react";

interface TableOrCardsProps {
  readonly table: ReactNode;
  readonly cards: readonly { readonly key: string; readonly card: ReactNode }[];
  /** A card that is a link has its own room around it. */
  readonly linked?: boolean;
}

export function TableOrCards({ table, cards, linked = true }: TableOrCardsProps) {
  return (
    <>
      <div className="hf-only-wide">{table}</div>
      <ul className="hf-cards hf-only-narrow">
        {cards.map(({ key, card }) => (
          <li key={key} {...(linked ? {} : { className: "hf-card" })}>
            {card}
          </li>
        ))}
      </ul>
    </>
  );
}
