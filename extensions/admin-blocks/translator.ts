// For tests: the words of a locale file as `shopify.i18n.translate` would give them; a key that is missing throws.

type Words = { readonly [key: string]: string | Words };

export function translator(words: Words): (key: string) => string {
  return (key) => {
    const found = key.split(".").reduce<string | Words | undefined>((under, part) => (typeof under === "object" ? under[part] : undefined), words);
    if (typeof found !== "string") throw new Error(`the locale file has no words for ${key}`);
    return found;
  };
}
