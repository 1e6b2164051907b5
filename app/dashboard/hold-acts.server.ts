// What a person does about holds from the embedded app: release one or all, decide on one whose order nobody saw.

import type { EndOutcome, ReservationBook } from "#app/ports/reservation-book.ts";
import { decideHold, type DecideHoldAnswer, type DecideHoldPorts } from "#app/reservations/decide-hold.server.ts";
import { releaseReservation } from "#app/reservations/end-reservation.server.ts";
import { releaseAllHolds, type ReleasedAll, type ReleaseAllPorts } from "#app/reservations/release-all.server.ts";

import type { ActiveInstall } from "./dependencies.ts";
import { HOLD_DECISIONS, type HoldDecision } from "./hold-terms.ts";
import { readReservationId } from "./queries/list-reservations.server.ts";

export interface HoldActPorts extends ReleaseAllPorts, DecideHoldPorts {
  readonly book: Pick<ReservationBook, "release">;
  readonly logger: { error(fields: object, message: string): void };
}

export interface HoldActor {
  readonly install: Pick<ActiveInstall, "installId" | "shop">;
  /** `staff:<id>` */
  readonly actor: string;
}

export type HoldActAnswer =
  | ({ readonly kind: "released_all" } & ReleasedAll)
  | { readonly kind: "released"; readonly outcome: EndOutcome["kind"] }
  | { readonly kind: "decided"; readonly decision: HoldDecision }
  | { readonly kind: Exclude<DecideHoldAnswer["kind"], "done"> | "not_understood" | "not_permitted" | "failed" };

/** `form`: `act` (`release-all`, `release` or `decide`), `id` for the last two, `decision` and `note` for the last. A failure is an answer: the page stays. */
export async function actOnHolds(ports: HoldActPorts, { install, actor }: HoldActor, form: FormData): Promise<HoldActAnswer> {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : "";
  };
  const act = text("act");
  try {
    if (act === "release-all") return { kind: "released_all", ...(await releaseAllHolds(ports, { install, actor })) };
    const reservationId = readReservationId(text("id"));
    if (reservationId === null) return { kind: "not_understood" };
    if (act === "release") return { kind: "released", outcome: (await releaseReservation(ports, { installId: install.installId, reservationId, by: actor })).kind };
    const decision = HOLD_DECISIONS.find((one) => one === text("decision"));
    if (act !== "decide" || decision === undefined) return { kind: "not_understood" };
    const answer = await decideHold(ports, { install, reservationId, sold: decision === "sold", actor, note: text("note") });
    return answer.kind === "done" ? { kind: "decided", decision } : { kind: answer.kind };
  } catch (error) {
    ports.logger.error({ err: error, shop: install.shop }, "an act on holds failed");
    return { kind: "failed" };
  }
}
