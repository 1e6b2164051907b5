// Everything a test, a demo or a person can make the simulated world do; the control API is these functions over HTTP.
import type { Engine } from "../engine.ts";
import { detectionActions } from "./detection-actions.ts";
import { locationActions } from "./location-actions.ts";
import { networkActions } from "./network-actions.ts";
import { orderActions } from "./order-actions.ts";
import { shopActions } from "./shop-actions.ts";
import { stockActions } from "./stock-actions.ts";
import { webhookActions } from "./webhook-actions.ts";

export type Control = ReturnType<typeof createControl>;

export function createControl(engine: Engine) {
  return {
    ...shopActions(engine),
    ...stockActions(engine),
    ...locationActions(engine),
    ...orderActions(engine),
    ...detectionActions(engine),
    ...networkActions(engine),
    ...webhookActions(engine),
  };
}
