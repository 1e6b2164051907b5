// Port of what is written down about orders that Holdfast creates itself: never their content, always how far they are.

/** What became of one sending, or of one look. */
export type OrderMakingNews =
  /** Shopify has the order: answered, or found by its metafield. */
  | { readonly kind: "created"; readonly orderId: string }
  /** Nothing was created for certain: the same or another order may be asked for again. `failure`: codes and field names, never contents. */
  | { readonly kind: "refused"; readonly failure: string; readonly attempt: number }
  /** Nobody knows: to be looked for. `failure`: what became of the answer. */
  | { readonly kind: "unknown"; readonly failure: string; readonly attempt: number };

export type OrderMakingRecord =
  | { readonly kind: "recorded" }
  /** It was found meanwhile; an answer that says otherwise changes nothing. */
  | { readonly kind: "known"; readonly orderId: string }
  /** The reservation's order is not being created, or a person has it: nothing was changed. */
  | { readonly kind: "closed" };

/** One whose answer is missing; taken by this round. */
export interface SoughtOrder {
  readonly installId: bigint;
  readonly shop: string;
  readonly reservationId: string;
  readonly traceId: string;
}

export interface OrderMakingBook {
  /**
   * Written down right before the order leaves. From then on nobody sends it again; until then a dead sender has left nothing, and whoever
   * asks again sends. False: somebody else took over, and this attempt may not send.
   */
  leaves(installId: bigint, reservationId: string, attempt: number): Promise<boolean>;
  record(installId: bigint, reservationId: string, news: OrderMakingNews): Promise<OrderMakingRecord>;
  /**
   * Takes up to `limit` that are due to be looked for, of active installs: those without an answer, and those whose sender has been silent for
   * so long that it must be dead. Each is due again after `leaseMs`, whatever becomes of this round.
   */
  takeSought(limit: number, leaseMs: number): Promise<readonly SoughtOrder[]>;
  /** Not there, or nobody could ask. After its deadline an absent one is handed to a person; otherwise it is looked for again, later each time. */
  notFound(installId: bigint, reservationId: string, asked: boolean): Promise<"later" | "person" | "closed">;
}
