// A field of a filter form that is drawn anew only when it changed itself: a form of ten choices would otherwise be, with every key.

import { Select, TextField } from "@shopify/polaris";
import { memo } from "react";

export interface Choice {
  readonly label: string;
  readonly value: string;
}

interface FilterProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly error?: string | undefined;
  /** The same function each time. */
  readonly onFilter: (name: string, value: string) => void;
}

interface FilterTextProps extends FilterProps {
  readonly type?: "text" | "date";
  readonly placeholder?: string;
  readonly disabled?: boolean;
}

export const FilterText = memo(function FilterText({ name, onFilter, error, placeholder, ...field }: FilterTextProps) {
  return <TextField {...field} {...optional({ error, placeholder })} name={name} autoComplete="off" onChange={(value) => onFilter(name, value)} />;
});

interface FilterChoiceProps extends FilterProps {
  /** The same list each time. A value that came with the address and is none of them is shown as it is, so that it is not lost with the next search. */
  readonly options: readonly Choice[];
}

export const FilterChoice = memo(function FilterChoice({ name, onFilter, error, options, value, label }: FilterChoiceProps) {
  const shown = options.some((one) => one.value === value) ? [...options] : [...options, { label: value, value }];
  return <Select label={label} name={name} value={value} options={shown} onChange={(chosen) => onFilter(name, chosen)} {...optional({ error })} />;
});

/** Without what is not there. */
function optional<Props extends object>(props: Props): { [Name in keyof Props]?: Exclude<Props[Name], undefined> } {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as { [Name in keyof Props]?: Exclude<Props[Name], undefined> };
}
