// What a command of the operator's is given and what it answers.

import type { Composition } from "#app/composition.server.ts";
import type { ActiveInstall } from "#app/ports/install-store.ts";

export interface CommandOptions {
  readonly shop: string | undefined;
  readonly label: string | undefined;
  readonly id: string | undefined;
  /** An inventory item's id. */
  readonly item: string | undefined;
  /** All that were given; `id` is the first. */
  readonly ids: readonly string[];
  /** A time, as it was written. */
  readonly since: string | undefined;
  /** A person's reason. */
  readonly reason: string | undefined;
  /** Filters and pages of lists. */
  readonly why: string | undefined;
  readonly state: string | undefined;
  readonly order: string | undefined;
  readonly cursor: string | undefined;
  readonly limit: string | undefined;
  readonly all: boolean;
  readonly applied: boolean;
  readonly notApplied: boolean;
  readonly sold: boolean;
  readonly back: boolean;
  readonly fromStart: boolean;
  /** Counts, as they were written. */
  readonly products: string | undefined;
  readonly orders: string | undefined;
  readonly remove: boolean;
  readonly dryRun: boolean;
}

/** What a command is given when nothing was said. */
export const NO_OPTIONS: CommandOptions = {
  shop: undefined,
  label: undefined,
  id: undefined,
  item: undefined,
  ids: [],
  since: undefined,
  reason: undefined,
  why: undefined,
  state: undefined,
  order: undefined,
  cursor: undefined,
  limit: undefined,
  all: false,
  applied: false,
  notApplied: false,
  sold: false,
  back: false,
  fromStart: false,
  products: undefined,
  orders: undefined,
  remove: false,
  dryRun: false,
};

export interface CommandContext {
  readonly composed: Composition;
  readonly options: CommandOptions;
}

export interface CommandAnswer {
  /** False makes the exit code 1. */
  readonly ok: boolean;
  /** For `--json`. */
  readonly value: unknown;
  /** For people. */
  readonly text: string;
}

export interface Command {
  readonly does: string;
  /** Names every word that it takes: others are refused before it runs. */
  readonly options: string;
  run(context: CommandContext): Promise<CommandAnswer>;
}

/** Of every command. */
const COMMON_OPTIONS = ["--json", "--help"];

/** A word that was given and that the command does not take, null when there is none: what a command passes over may be what was to hold it back. */
export function unknownOption({ options }: Pick<Command, "options">, given: Readonly<Record<string, unknown>>): string | null {
  const known = new Set([...COMMON_OPTIONS, ...(options.match(/--[a-z-]+/g) ?? [])]);
  const said = Object.entries(given).flatMap(([name, value]) => (value === undefined || value === false ? [] : [`--${name}`]));
  return said.find((word) => !known.has(word)) ?? null;
}

/** The shop's present life; a clear message when there is none. */
export async function installOf({ composed, options }: CommandContext): Promise<ActiveInstall> {
  if (!options.shop) throw new Error("--shop <name>.myshopify.com is missing");
  const install = await composed.installStore.active(options.shop);
  if (!install) throw new Error(`Holdfast is not installed in ${options.shop}`);
  return install;
}

/** Names and titles are written by strangers: what a terminal takes for a command, or what turns the reading around, is shown as a mark. Lines stay. */
export function printable(text: string): string {
  return text.replaceAll(/(?![\n\t])[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, "\uFFFD");
}
