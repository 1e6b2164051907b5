// The parts of the settings: the name, the address and the words of each. The index, the sub-pages and the lists of differences use the same ones. Pure.

export interface SettingsPart {
  readonly id: string;
  readonly title: string;
  /** What it decides, under the title of its page. */
  readonly description: string;
}

export const SETTINGS_URL = "/app/settings";

export const SETTINGS_PAGES = {
  mode: { id: "mode", title: "What Holdfast does", description: "Start by watching. Turn protection on when the stock history shows what you expect." },
  sources: {
    id: "sources",
    title: "Order sources",
    description:
      "Shopify takes stock itself for the online store, point of sale, draft orders and subscriptions. Name here only the channels and apps whose orders leave stock untouched.",
  },
  timing: { id: "timing", title: "When and where", description: "Decides at which moment an order takes stock, and from which location." },
  bundles: {
    id: "bundles",
    title: "Bundles",
    description: "One sale that takes several items. Bundles made with Shopify's own bundle feature need nothing here: Shopify takes their components itself.",
  },
  restock: { id: "restock", title: "Giving stock back", description: "Holdfast gives back only what it took itself, and never more than once." },
  holds: {
    id: "holds",
    title: "Holds for your own checkout",
    description: "Only for checkouts that create their own orders: stock is put aside before a customer pays. Shopify's own checkout does not use it.",
  },
  oversells: { id: "oversells", title: "Oversells", description: "What happens when more units were promised than there are." },
  alerts: { id: "alerts", title: "Alerts", description: "Who is told when something goes wrong, of what, and from which figure on." },
  tokens: { id: "tokens", title: "API tokens", description: "For your own programs: each token lets one of them read this shop's stock history, hold stock for a checkout and change these settings." },
  external: { id: "external", title: "Your stock system", description: "Tells a system of your own, such as a warehouse or an ERP, of each stock change that took effect: once, and in order." },
  history: { id: "history", title: "History and privacy", description: "How long notifications and the audit trail are kept, and what is stored at all." },
  transfer: { id: "transfer", title: "Import and export", description: "Take these settings to another shop or keep a copy, and take everything that Holdfast has stored about this shop." },
  versions: { id: "versions", title: "Earlier versions", description: "Every time these settings were saved: when, by whom, and what changed. Any version can be restored." },
  leaving: { id: "leaving", title: "Before you uninstall", description: "What Holdfast still keeps aside in Shopify, how to clear it away, and what to take with you." },
} as const satisfies Readonly<Record<string, SettingsPart>>;

export type SettingsPageId = keyof typeof SETTINGS_PAGES;

/** As the index groups them. */
export const SETTINGS_GROUPS: readonly { readonly title: string; readonly pages: readonly SettingsPageId[] }[] = [
  { title: "Your rules", pages: ["mode", "sources", "timing", "bundles", "restock"] },
  { title: "When something goes wrong", pages: ["alerts", "oversells"] },
  { title: "Your own programs", pages: ["holds", "tokens", "external"] },
  { title: "Records", pages: ["history", "transfer", "versions", "leaving"] },
];

export function settingsUrl(page: SettingsPageId): string {
  return `${SETTINGS_URL}/${page}`;
}

/** By the fields of the document that stand there, longest first. */
const FIELDS: readonly (readonly [field: string, page: SettingsPageId])[] = [
  ["deduct.sources", "sources"],
  ["deduct", "timing"],
  ["mode", "mode"],
  ["bundles", "bundles"],
  ["restock", "restock"],
  ["retentionDays", "history"],
  ["reservations", "holds"],
  ["oversell", "oversells"],
  ["alerts", "alerts"],
  ["external", "external"],
];

/** The part in which a field of the document stands; null for one of a newer version of Holdfast. */
export function settingsPageOf(path: string): SettingsPageId | null {
  return FIELDS.find(([field]) => path.startsWith(field))?.[1] ?? null;
}
