// The filter of the review page as it stands in the address. Pure.

import { REVIEW_REASONS, type ReviewReason } from "#app/domain/review.ts";

/** Empty when the text is none of the reasons. */
export function readWhy(text: string | null): ReviewReason | "" {
  return REVIEW_REASONS.find((reason) => reason === text) ?? "";
}

/** `?why=refused`, or an empty text. */
export function reviewQuery(why: ReviewReason | "", page: { readonly older?: string; readonly newer?: string } = {}): string {
  const query = new URLSearchParams({ ...(why === "" ? {} : { why }), ...page }).toString();
  return query === "" ? "" : `?${query}`;
}
