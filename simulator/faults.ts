// Faults by name: what shall go wrong at which boundary, how often, and for whom.
import { RequestError } from "./http/router.ts";
import type { FAULT_KINDS } from "./control/inputs.ts";

export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  id: number;
  /** `graphql` (any call), a root field such as `inventoryAdjustQuantities`, an operation's name, or `token`. */
  boundary: string;
  kind: FaultKind;
  /** How often it will still strike. */
  times: number;
  delayMs: number;
  shop?: string | undefined;
  code?: string | number | undefined;
  index: number | null;
  committed?: boolean | undefined;
}

/** Whether the operation takes effect although the fault shows, when the fault does not say so itself. */
const COMMITS_BY_DEFAULT: ReadonlySet<FaultKind> = new Set<FaultKind>(["after_commit", "half_body", "errors_beside"]);

export function commits(fault: Fault): boolean {
  return fault.committed ?? COMMITS_BY_DEFAULT.has(fault.kind);
}

export class FaultBoard {
  #faults: Fault[] = [];
  #nextId = 1;

  add(fault: Omit<Fault, "id">): Fault {
    if (fault.kind === "user_error" && typeof fault.code !== "string") throw new RequestError(422, "invalid_input", "A user_error fault needs the code to answer.");
    if (fault.kind === "http_status" && typeof fault.code !== "number") throw new RequestError(422, "invalid_input", "An http_status fault needs the status to answer.");
    const added = { ...fault, id: this.#nextId };
    this.#nextId += 1;
    this.#faults.push(added);
    return added;
  }

  list(): Fault[] {
    return this.#faults.map((fault) => ({ ...fault }));
  }

  clear(): void {
    this.#faults = [];
  }

  /** The first fault set for one of these boundaries, used up once. */
  take(boundaries: readonly string[], shop: string): Fault | null {
    const found = this.#faults.find((fault) => boundaries.includes(fault.boundary) && (fault.shop === undefined || fault.shop === shop));
    if (!found) return null;
    found.times -= 1;
    if (found.times <= 0) this.#faults.splice(this.#faults.indexOf(found), 1);
    return { ...found };
  }
}
