// What changed between two settings documents, leaf by leaf, for the audit trail. Pure.

export interface SettingsDifference {
  /** As `deduct.sources[0].confirmedBypass`. */
  readonly path: string;
  /** Null when the path is new. */
  readonly from: unknown;
  /** Null when the path is gone. */
  readonly to: unknown;
}

/** An audit entry stays readable; the versions themselves keep everything. */
export const DIFFERENCES_MAX = 200;

/** Differences of two JSON values; `version` is left out because it always differs. */
export function diffSettings(from: unknown, to: unknown): SettingsDifference[] {
  const differences: SettingsDifference[] = [];
  collect("", from, to, differences);
  return differences.slice(0, DIFFERENCES_MAX);
}

function collect(path: string, from: unknown, to: unknown, into: SettingsDifference[]): void {
  if (path === "version" || Object.is(from, to)) return;
  if (isContainer(from) && isContainer(to) && Array.isArray(from) === Array.isArray(to)) {
    const before = new Map(Object.entries(from));
    const after = new Map(Object.entries(to));
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const step = Array.isArray(from) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
      collect(step, before.get(key), after.get(key), into);
    }
    return;
  }
  into.push({ path, from: from ?? null, to: to ?? null });
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
