// What a person does about an oversell from the embedded app: with the person's own token, so that Shopify asks for the person's permissions.

import { holdFulfilment, markHandled, type OversellAnswer, releaseFulfilment } from "#app/detection/act-on-oversell.server.ts";
import type { OversellActPorts, HandledAnswer } from "#app/detection/act-on-oversell.server.ts";

import type { ActiveInstall } from "./dependencies.ts";
import { readRowId } from "./queries/row-id.ts";

export interface OversellActor {
  readonly install: Pick<ActiveInstall, "installId" | "shop">;
  readonly actor: string;
  readonly personToken: string | null;
}

export type OversellActAnswer = OversellAnswer | HandledAnswer | { readonly kind: "not_understood" | "failed" };

/** `form`: `act` (`hold`, `release` or `handled`), `id` of the oversell, `order` (decimal) for the first two, `note` for the last. */
export async function actOnOversell(ports: OversellActPorts & { readonly logger: { error(fields: object, message: string): void } }, { install, actor, personToken }: OversellActor, form: FormData): Promise<OversellActAnswer> {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : "";
  };
  const oversellId = readRowId(text("id"));
  const orderId = text("order");
  if (oversellId === null) return { kind: "not_understood" };
  try {
    if (text("act") === "handled") return await markHandled(ports, { installId: install.installId, oversellId, actor, note: text("note") });
    // Without the person's token nobody's permissions could be asked for.
    if (personToken === null) return { kind: "not_allowed" };
    if (!/^\d{1,19}$/.test(orderId)) return { kind: "not_understood" };
    const request = { ...install, oversellId, orderId, actor, accessToken: personToken };
    if (text("act") === "hold") return await holdFulfilment(ports, request);
    return text("act") === "release" ? await releaseFulfilment(ports, request) : { kind: "not_understood" };
  } catch (error) {
    ports.logger.error({ err: error, shop: install.shop }, "an act on an oversell failed");
    return { kind: "failed" };
  }
}
