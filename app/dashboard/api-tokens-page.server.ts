// What the API-tokens page shows and does. A new token is in the answer to its creation and nowhere else.

import { assertNever } from "#app/domain/invariant.ts";
import { API_TOKEN_LABEL_LENGTH_MAX, API_TOKENS_MAX } from "#app/ports/api-token-store.ts";

import type { EmbeddedContext } from "./embedded-context.server.ts";
import { readText } from "./queries/change-filter.ts";

export type TokenActionResult =
  | { readonly kind: "created"; readonly label: string; readonly token: string }
  | { readonly kind: "revoked" | "not_found" }
  /** `message` belongs to the label's field. */
  | { readonly kind: "refused"; readonly message: string };

type TokensContext = Pick<EmbeddedContext, "dependencies" | "install" | "actor">;

/** `form` holds `intent`: `create` with `label`, or `revoke` with `id`. */
export async function changeApiTokens({ dependencies, install, actor }: TokensContext, form: FormData): Promise<TokenActionResult> {
  const { apiTokenStore } = dependencies;
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : null;
  };
  if (text("intent") === "revoke") return apiTokenStore.revoke({ installId: install.installId, id: text("id") ?? "", actor });
  const label = readText(text("label"));
  if (label.kind === "absent") return { kind: "refused", message: "Give the token a name, so that you know later what uses it." };
  if (label.kind === "invalid" || label.value.length > API_TOKEN_LABEL_LENGTH_MAX) {
    return { kind: "refused", message: `A name has at most ${API_TOKEN_LABEL_LENGTH_MAX} ordinary characters.` };
  }
  const created = await apiTokenStore.create({ installId: install.installId, label: label.value, actor });
  switch (created.kind) {
    case "created":
      return { kind: "created", label: label.value, token: created.token };
    case "too_many":
      return { kind: "refused", message: `There are ${API_TOKENS_MAX} tokens already; revoke one that is not used any more.` };
    default:
      return assertNever(created);
  }
}
