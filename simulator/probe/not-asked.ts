// The assumed rules that no probe asks, each with the reason: what they are about is out of reach of an app's token in one shop.
const WEBHOOKS = "seen in webhooks only; record some and compare by hand";
const TOKENS = "about how an app gets its tokens: needs the app's secret and a person in the admin";
const CHECKOUT = "needs a buyer at a checkout or a till";

export const NOT_ASKED: Readonly<Record<string, string>> = {
  "access-denied-shape": "needs a token that lacks a scope; try a field that yours does not cover",
  "key-scope": "needs two shops",
  "key-in-flight": "the moment of the commit cannot be told from outside",
  "order-create-attributes": WEBHOOKS,
  "search-cursor": "needs an order that changes between two pages at a known moment",
  "online-scopes-shrink": TOKENS,
  "old-access-token": TOKENS,
  "lasting-tokens": TOKENS,
  "session-token": TOKENS,
  "webhook-retry-steps": "needs an endpoint that fails for four hours",
  "webhook-bodies-loose": WEBHOOKS,
  "level-webhook": WEBHOOKS,
  "native-refusal": CHECKOUT,
  routing: "depends on the shop's own routing rules",
  "bulk-page-size": "needs more objects than a page holds",
  "bulk-lines": "needs a catalogue of several hundred products",
  "bulk-not-a-snapshot": "needs a catalogue that takes minutes to read",
  "bulk-access": "needs a token that lacks a scope",
  "pos-offline": CHECKOUT,
  "draft-reserve-stock": "the simulator has draft orders on its control API only",
  "selling-plans": "needs an app that sells subscriptions",
  "plan-reserves": "needs an app that sells subscriptions",
};
