// flowTriggerReceive: remembers what Flow was told, and refuses triggers that the app's extensions do not declare.
import type { GraphContext } from "./context.ts";
import { invalidArgument } from "./errors.ts";

/** Of the payload as JSON. */
const PAYLOAD_BYTES_MAX = 50_000;

interface FlowArgs {
  handle?: string | null;
  payload?: unknown;
  body?: string | null;
}

export function receiveFlowTrigger(_root: null, { handle, payload, body }: FlowArgs, { shop, world }: GraphContext) {
  if (body !== undefined && body !== null) throw invalidArgument("The simulator takes handle and payload; body is deprecated.");
  if (!handle || !shop.install?.flowTriggers.includes(handle)) return refuse("handle", `Errors validating schema:\n  Trigger definition not found for handle '${handle ?? ""}'.\n`);
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return refuse("payload", "Payload must be an object.");
  if (Buffer.byteLength(JSON.stringify(payload)) > PAYLOAD_BYTES_MAX) return refuse("payload", "Payload is too large.");
  shop.flowTriggers.push({ seq: shop.flowTriggers.length + 1, at: new Date(world.clock.nowMs()).toISOString(), handle, payload });
  return { userErrors: [] };
}

function refuse(field: string, message: string) {
  return { userErrors: [{ field: [field], message }] };
}
