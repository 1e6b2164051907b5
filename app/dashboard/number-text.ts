// A number as somebody typed it. Pure.

/** The number, or the text as it is, so that the validation names the field. */
export function numberOrText(text: string): number | string {
  const typed = text.trim();
  return /^-?[0-9]{1,15}(\.[0-9]{1,6})?$/.test(typed) ? Number(typed) : text;
}
