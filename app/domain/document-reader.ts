// Reads an unknown document field by field and collects every fault, so that a writer learns all of them at once. Pure.
//
// Each reader returns a value of the right type in any case: after a fault it returns the fallback, and the document as a whole is
// refused because the list of faults is not empty.

/** Every code a fault can carry; docs/reference/api.md explains each. */
export type FaultCode =
  | "required"
  | "wrong_type"
  | "unknown_field"
  | "not_allowed"
  | "out_of_range"
  | "too_many"
  | "too_long"
  | "empty"
  | "invalid_text"
  | "invalid_id"
  | "invalid_target"
  | "duplicate"
  | "source_ambiguous"
  | "native_source_refused"
  | "native_bundle_refused"
  | "bundle_contains_itself"
  | "bundle_component_is_derived"
  | "variant_not_found"
  | "item_not_found"
  | "location_not_found"
  | "location_inactive"
  | "scope_missing";

export interface Fault {
  /** Where, as `deduct.sources[0].appId`; empty for the document itself. */
  readonly path: string;
  readonly code: FaultCode;
  /** For a person. */
  readonly message: string;
}

/** Beyond this nobody reads on; a hostile document does not get to grow the answer. */
export const FAULTS_MAX = 100;

export class DocumentReader {
  readonly faults: Fault[] = [];

  fault(path: string, code: FaultCode, message: string): void {
    if (this.faults.length < FAULTS_MAX) this.faults.push({ path, code, message });
  }

  /** The object's fields; an unknown one is a fault that names it. */
  object(path: string, value: unknown, fields: readonly string[]): Readonly<Record<string, unknown>> {
    if (!this.present(path, value)) return {};
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.fault(path, "wrong_type", `${naming(path)} must be an object.`);
      return {};
    }
    for (const key of Object.keys(value)) {
      if (!fields.includes(key)) {
        this.fault(joined(path, key.slice(0, 80)), "unknown_field", `There is no such field. Known here: ${fields.join(", ")}.`);
      }
    }
    return { ...value };
  }

  list(path: string, value: unknown, countMax: number): readonly unknown[] {
    if (!this.present(path, value)) return [];
    if (!Array.isArray(value)) {
      this.fault(path, "wrong_type", `${naming(path)} must be a list.`);
      return [];
    }
    if (value.length > countMax) {
      this.fault(path, "too_many", `${naming(path)} may hold at most ${countMax} entries; there are ${value.length}.`);
      return [];
    }
    return value;
  }

  boolean(path: string, value: unknown): boolean {
    if (!this.present(path, value)) return false;
    if (typeof value === "boolean") return value;
    this.fault(path, "wrong_type", `${naming(path)} must be true or false.`);
    return false;
  }

  integer(path: string, value: unknown, min: number, max: number): number {
    if (!this.present(path, value)) return min;
    if (typeof value !== "number" || !Number.isInteger(value)) {
      this.fault(path, "wrong_type", `${naming(path)} must be a whole number.`);
      return min;
    }
    if (value < min || value > max) {
      this.fault(path, "out_of_range", `${naming(path)} must be between ${min} and ${max}; it is ${value}.`);
      return min;
    }
    return value;
  }

  oneOf<Choice extends string>(path: string, value: unknown, choices: readonly [Choice, ...Choice[]]): Choice {
    const fallback = choices[0];
    if (!this.present(path, value)) return fallback;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) this.fault(path, "not_allowed", `${naming(path)} must be one of: ${choices.join(", ")}.`);
    return found ?? fallback;
  }

  /** Text without control characters (PostgreSQL refuses NUL), trimmed. */
  text(path: string, value: unknown, lengthMax: number): string {
    if (!this.present(path, value)) return "";
    if (typeof value !== "string") {
      this.fault(path, "wrong_type", `${naming(path)} must be text.`);
      return "";
    }
    const text = value.trim();
    if (text === "") this.fault(path, "empty", `${naming(path)} must not be empty.`);
    else if (text.length > lengthMax) this.fault(path, "too_long", `${naming(path)} may have at most ${lengthMax} characters.`);
    else if (/\p{Cc}/u.test(text)) this.fault(path, "invalid_text", `${naming(path)} contains a control character.`);
    else return text;
    return "";
  }

  private present(path: string, value: unknown): boolean {
    if (value !== undefined && value !== null) return true;
    this.fault(path, "required", `${naming(path)} is missing.`);
    return false;
  }
}

function joined(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function naming(path: string): string {
  return path === "" ? "The document" : path;
}
