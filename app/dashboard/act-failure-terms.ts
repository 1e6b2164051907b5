// What a person reads when an act was not even begun, whatever it was about. Pure.

import { NOT_PERMITTED } from "./permission-terms.ts";

export const ACT_FAILURES = {
  note_missing: { title: "Nothing was done: a reason is missing", text: "Say why, so that others understand it later." },
  note_too_long: { title: "Nothing was done: the reason is too long", text: "It has at most 500 characters." },
  note_invalid: { title: "Nothing was done: the reason has characters that cannot be stored", text: "Write it in plain text." },
  not_installed: { title: "Nothing was done: Holdfast was uninstalled", text: "Reload the page." },
  not_understood: { title: "Nothing was done", text: "The request was not understood. Reload the page and try again." },
  not_permitted: NOT_PERMITTED,
} as const;
