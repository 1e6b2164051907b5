// The channel that a target of the settings stands for: named by its address, so that the same address is told of the same thing once.

import { createHash } from "node:crypto";

import type { ListeningChannel } from "#app/domain/plan-alert-messages.ts";
import type { AlertTarget } from "#app/domain/settings.ts";

const NAME_LENGTH = 16;

export function channelOfTarget({ kind, target, on, threshold, quietMinutes = 0 }: AlertTarget): ListeningChannel {
  const name = createHash("sha256").update(`${kind} ${target}`).digest("hex").slice(0, NAME_LENGTH);
  return { channel: `${kind}:${name}`, kind, target, on, threshold, quietMinutes };
}
