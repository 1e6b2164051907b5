// What a person does about an oversell from the embedded app: with the person's own token, so that Shopify asks for the person's permissions.

import { holdFulfilment, markHandled, type OversellAnswer, releaseFulfilment, unmarkHandled } from "#app/detection/act-on-oversell.server.ts";
import type { OversellActPorts, HandledAnswer } from "#app/detection/act-on-oversell.server.ts";

import type { ActiveInstall } from "./dependencies.ts";
import { HOLD_SCOPES } from "./oversell-terms.ts";

export interface OversellActor {
  readonly install: Pick<ActiveInstall, "installId" | "shop" | "scopes">;
  readonly actor: string;
  readonly personToken: string | null;
  /** Asked when the scope is missing on record: the notice of a permission just granted may still be on its way. */
  readonly grantedScopesNow: () => Promise<readonly string[]>;
}

export type OversellActAnswer =
  | OversellAnswer
  | HandledAnswer
  /** The shop has given Holdfast no permission to hold fulfilment. */
  | { readonly kind: "scope_missing" }
  /** What Shopify grants right now is on record. */
  | { readonly kind: "permissions_read" }
  | { readonly kind: "not_understood" | "failed" };

type Ports = OversellActPorts & { readonly logger: { error(fields: object, message: string): void } };

/** `form`: `act` (`hold` or `release` with `order`, decimal; `handled` with `note`; `reopen`), or `intent` `read-permissions`. A failure is an answer: the page stays. */
export async function actOnOversell(ports: Ports, person: OversellActor, oversellId: bigint | null, form: FormData): Promise<OversellActAnswer> {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : "";
  };
  try {
    if (text("intent") === "read-permissions") {
      await person.grantedScopesNow();
      return { kind: "permissions_read" };
    }
    if (oversellId === null) return { kind: "not_found" };
    const { actor, install: { installId } } = person;
    switch (text("act")) {
      case "handled":
        return await markHandled(ports, { installId, oversellId, actor, note: text("note") });
      case "reopen":
        return await unmarkHandled(ports, { installId, oversellId, actor });
      case "hold":
        return await actOnOrder(holdFulfilment, ports, person, oversellId, text("order"));
      case "release":
        return await actOnOrder(releaseFulfilment, ports, person, oversellId, text("order"));
      default:
        return { kind: "not_understood" };
    }
  } catch (error) {
    ports.logger.error({ err: error, shop: person.install.shop }, "an act on an oversell failed");
    return { kind: "failed" };
  }
}

async function actOnOrder(act: typeof holdFulfilment, ports: Ports, { install, actor, personToken, grantedScopesNow }: OversellActor, oversellId: bigint, orderId: string): Promise<OversellActAnswer> {
  if (!/^\d{1,19}$/.test(orderId)) return { kind: "not_understood" };
  // Without the person's token nobody's permissions could be asked for.
  if (personToken === null) return { kind: "not_allowed" };
  if (!mayHold(install.scopes) && !mayHold(await grantedScopesNow())) return { kind: "scope_missing" };
  return act(ports, { installId: install.installId, shop: install.shop, oversellId, orderId, actor, accessToken: personToken });
}

export function mayHold(scopes: readonly string[]): boolean {
  return scopes.includes(HOLD_SCOPES.own) || scopes.includes(HOLD_SCOPES.service);
}
