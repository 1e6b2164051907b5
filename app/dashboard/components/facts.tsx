// Names and values side by side; one below the other on a phone.

import type { ReactNode } from "react";

export interface Fact {
  readonly name: string;
  readonly value: ReactNode;
}

export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="hf-facts">
      {facts.map((fact) => (
        <FactRow key={fact.name} fact={fact} />
      ))}
    </dl>
  );
}

function FactRow({ fact }: { readonly fact: Fact }) {
  return (
    <>
      <dt>{fact.name}</dt>
      <dd>{fact.value}</dd>
    </>
  );
}
