// What a list of incidents can be narrowed to.

export interface IncidentFilter {
  /** `all`: whatever their state. */
  readonly state: string;
  readonly inventoryItemId?: string;
}
