// Tokens of the HTTP API: made, listed and revoked for one shop.

import { type Command, installOf } from "./command.ts";

const ACTOR = "operator";

export const tokenCreate: Command = {
  does: "makes a bearer token of the HTTP API; it is shown once",
  options: "--shop S [--label L] [--dry-run]",
  async run(context) {
    const install = await installOf(context);
    const label = context.options.label ?? "made by the operator";
    if (context.options.dryRun) return { ok: true, value: { dryRun: true, shop: install.shop, label }, text: `would make a token "${label}" for ${install.shop}` };
    const made = await context.composed.apiTokenStore.create({ installId: install.installId, label, actor: ACTOR });
    if (made.kind !== "created") throw new Error("the shop has as many tokens as it may have; revoke one first");
    return { ok: true, value: { token: made.token, id: made.id }, text: `${made.token}\n(id ${made.id}; it is not shown again)` };
  },
};

export const tokenList: Command = {
  does: "lists a shop's tokens",
  options: "--shop S",
  async run(context) {
    const install = await installOf(context);
    const tokens = await context.composed.apiTokenStore.list(install.installId);
    const lines = tokens.map((token) => `${token.id}  ${token.revokedAt ? "revoked" : "active "}  ${token.label}  last used ${token.lastUsedAt?.toISOString() ?? "never"}`);
    return { ok: true, value: { items: tokens }, text: lines.join("\n") || "no tokens" };
  },
};

export const tokenRevoke: Command = {
  does: "revokes a token; it stops working at once",
  options: "--shop S --id ID [--dry-run]",
  async run(context) {
    const install = await installOf(context);
    const { id, dryRun } = context.options;
    if (!id) throw new Error("--id is missing");
    if (dryRun) return { ok: true, value: { dryRun: true, id }, text: `would revoke ${id}` };
    const result = await context.composed.apiTokenStore.revoke({ installId: install.installId, id, actor: ACTOR });
    return { ok: result.kind === "revoked", value: { id, result: result.kind }, text: result.kind === "revoked" ? `revoked ${id}` : `${install.shop} has no token ${id}` };
  },
};
