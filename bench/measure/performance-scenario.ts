// What a performance scenario is: a name, its flags, and a measurement that answers with rows; the frame around it repeats, prints and judges.
import type { MeasureScope } from "./measure-scope.ts";
import type { PostgresFacts } from "./machine-facts.ts";
import type { Row } from "./row.ts";

/** As `parseArgs` takes them. */
export type ScenarioOptions = Readonly<Record<string, { readonly type: "string"; readonly default: string } | { readonly type: "string" } | { readonly type: "boolean"; readonly default: boolean }>>;

export interface MeasureContext {
  /** What one run starts ends with it. */
  readonly scope: MeasureScope;
  /** The scenario's own flags. */
  text(flag: string): string | undefined;
  number(flag: string): number;
  isSet(flag: string): boolean;
  /** What goes on, for whoever waits; nothing with `--json`. */
  tell(line: string): void;
}

export interface Measured {
  readonly rows: readonly Row[];
  /** Whatever the rows were made of; kept with `--out DIR`. */
  readonly raw: unknown;
  readonly postgres?: PostgresFacts;
}

export interface PerformanceScenario {
  readonly name: string;
  readonly about: string;
  /** One line a flag of its own, for `--help`. */
  readonly usage: readonly string[];
  readonly options: ScenarioOptions;
  measure(context: MeasureContext): Promise<Measured>;
}
