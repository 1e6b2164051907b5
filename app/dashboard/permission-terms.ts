// What a person reads whose Shopify account may not do what was clicked. Pure.

export const NOT_PERMITTED = {
  title: "Nothing was done: your account may not manage inventory",
  text: "Holdfast changes stock, and the rules by which it does, only for people who may manage inventory in Shopify. Ask the store's owner to give you that permission (Settings, then Users and permissions), and try again.",
} as const;

export const PERMISSION_HELP = {
  title: "You may look at everything here, and change no stock",
  text: "Your account in Shopify may not manage inventory, so Holdfast changes neither stock nor rules for you. The store's owner can give you that permission in Shopify.",
} as const;
