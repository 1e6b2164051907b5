// Asks Holdfast's server, and says in which of five ways it was answered. In the admin `fetch` adds the person's session token by itself and takes a path as one of the app's own address.

/** Longer than the slowest page of the app; then the block offers to try again. */
const ANSWER_LIMIT_MS = 10_000;

export type Answered<Answer> =
  | { readonly kind: "answered"; readonly answer: Answer }
  /** Holdfast knows nothing of it. */
  | { readonly kind: "nothing" }
  /** The person may not use the app. */
  | { readonly kind: "not_allowed" }
  | { readonly kind: "failed" };

export type Loaded<Answer> = Answered<Answer> | { readonly kind: "loading" };

/** `path`: from the root of the app's address. With a form it is an act. */
export async function askServer<Answer>(path: string, form?: Readonly<Record<string, string>>): Promise<Answered<Answer>> {
  try {
    const response = await fetch(path, {
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
      ...(form === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/x-www-form-urlencoded" }, body: new URLSearchParams(form).toString() }),
    });
    if (response.ok) return { kind: "answered", answer: await response.json() };
    if (response.status === 404) return { kind: "nothing" };
    return { kind: response.status === 401 || response.status === 403 ? "not_allowed" : "failed" };
  } catch {
    // No connection, no answer in time, or none that is JSON.
    return { kind: "failed" };
  }
}

/** `gid://shopify/Order/123` → "123"; null where the admin names nothing. */
export function idOf(gid: string | undefined): string | null {
  return /\/([0-9]{1,19})$/.exec(gid ?? "")?.[1] ?? null;
}
