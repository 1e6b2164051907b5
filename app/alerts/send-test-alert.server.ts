// The test button: one message to one place, now, beside the outbox; the answer says in plain words what happened.

import { randomUUID } from "node:crypto";

import type { AlertTarget } from "#app/domain/settings.ts";
import type { AlertAttemptResult } from "#app/ports/alert-outbox.ts";
import type { ActiveInstall } from "#app/ports/install-store.ts";
import type { AlertPorts } from "./alert-ports.ts";
import { footerOf, linkTo } from "./compose-alert.ts";
import { clearTarget, sendOver } from "./send-next-alert.server.ts";

export interface TestAlertOutcome {
  readonly delivered: boolean;
  /** For a person. */
  readonly message: string;
}

export interface TestAlertRequest {
  readonly install: ActiveInstall;
  readonly target: Pick<AlertTarget, "kind" | "target">;
}

export async function sendTestAlert(ports: Pick<AlertPorts, "secrets" | "channels" | "clock" | "limits" | "apiKey">, { install, target }: TestAlertRequest): Promise<TestAlertOutcome> {
  const { installId, shop, shopName } = install;
  const address = await clearTarget(ports.secrets, installId, target);
  if (address === null) return { delivered: false, message: "Not sent: its address is not stored any more. Enter it again." };
  const signingSecret = target.kind === "webhook" ? await ports.secrets.signingSecret(installId) : null;
  const tooLong = new AbortController();
  const timer = ports.clock.setTimer(ports.limits.sendTimeoutMs, () => tooLong.abort());
  try {
    const result = await sendOver(ports.channels, target.kind, {
      installId,
      shop,
      target: address,
      messageKey: randomUUID(),
      follows: null,
      content: null,
      signingSecret,
      signal: tooLong.signal,
      text: {
        title: "Test message from Holdfast",
        sentences: ["This is a test. Alerts that you choose in the settings arrive here."],
        fields: [],
        more: [],
        link: linkTo(shop, ports.apiKey, null),
        footer: footerOf(shop, shopName, false),
      },
    });
    return { delivered: result.kind === "taken", message: messageOf(target.kind, result) };
  } finally {
    timer.cancel();
  }
}

const TAKEN_BY: Readonly<Record<AlertTarget["kind"], string>> = {
  slack: "Slack has taken the message.",
  webhook: "The receiver has taken the message.",
  email: "The mail server has taken the message; whether it reaches the inbox is up to the mail servers after it.",
};

function messageOf(kind: AlertTarget["kind"], result: AlertAttemptResult): string {
  switch (result.kind) {
    case "taken":
      return TAKEN_BY[kind];
    case "refused":
      return `Not delivered: ${result.error}.`;
    case "again":
      return result.maybeTaken ? `Not known: ${result.error}. It may have arrived all the same.` : `Not delivered: ${result.error}.`;
  }
}
