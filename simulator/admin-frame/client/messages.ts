// What the embedded app (the App Bridge stand-in) and the admin page around it say to each other through postMessage.

export type NavItem = { label: string; href: string };
export type ButtonState = { label: string; disabled: boolean; loading: boolean; primary: boolean };
export type LocationKind = "push" | "replace" | "pop" | "load";

export type PickerOptions = {
  type: "product" | "variant" | "collection";
  multiple: boolean | number;
  action: "add" | "select";
  query: string;
  /** Whether merchants may choose single variants of a product. */
  variants: boolean;
  selectedIds: string[];
};

/** Requests of the app. Each is answered with a result or an error. */
export type Calls = {
  ready: { argument: { path: string }; result: null };
  idToken: { argument: null; result: string };
  location: { argument: { path: string; kind: LocationKind }; result: null };
  nav: { argument: NavItem[]; result: null };
  title: { argument: { title: string; buttons: ButtonState[] } | null; result: null };
  loading: { argument: boolean; result: null };
  toastShow: { argument: { id: string; message: string; isError: boolean; durationMs: number; action: string | null }; result: null };
  toastHide: { argument: string; result: null };
  saveBar: { argument: { save: ButtonState | null; discard: ButtonState | null; confirmDiscard: boolean } | null; result: null };
  leaveConfirmation: { argument: null; result: boolean };
  resourcePicker: { argument: PickerOptions; result: unknown[] | null };
  scopesQuery: { argument: null; result: ScopesDetail };
  scopesChange: { argument: { request: string[] } | { revoke: string[] }; result: { accepted: boolean; detail: ScopesDetail } };
  user: { argument: null; result: { id: number; name: string; email: string } };
  open: { argument: { url: string; newTab: boolean }; result: null };
};
export type CallName = keyof Calls;
export type ScopesDetail = { granted: string[]; required: string[]; optional: string[] };

/** What the admin page tells the app. */
export type AdminEvents = {
  navigate: { href: string };
  saveBarSave: null;
  saveBarDiscard: null;
  titleButton: { index: number };
  toastAction: { id: string };
  toastDismiss: { id: string };
};
export type AdminEventName = keyof AdminEvents;

export type FromApp = { source: "app-bridge"; id: number; call: CallName; argument: unknown };
export type FromAdmin =
  | { source: "admin"; answerTo: number; result: unknown }
  | { source: "admin"; answerTo: number; error: string }
  | { source: "admin"; event: AdminEventName; detail: unknown };
