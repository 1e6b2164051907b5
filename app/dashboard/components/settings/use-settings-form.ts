// The life of the settings form: what is typed, saving with the permission first, and what came back.

import { useFetcher } from "@remix-run/react";
import { useAppBridge } from "@shopify/app-bridge-react";
import { useEffect, useState } from "react";

import type { Settings } from "#app/domain/settings.ts";

import { documentFrom, draftFrom, isChanged, rebase, type SettingsDraft } from "../../settings-draft.ts";
import type { SettingsActionResult } from "../../settings-action.ts";
import { isSettled, resultProblem, type SaveProblem } from "../../settings-outcome.ts";
import { missingScopes } from "../../settings-permissions.ts";

/** By a function where what is changed depends on what is there. */
export type EditDraft = (patch: Partial<SettingsDraft> | ((draft: SettingsDraft) => Partial<SettingsDraft>)) => void;

export interface SettingsForm {
  readonly draft: SettingsDraft;
  readonly dirty: boolean;
  readonly saving: boolean;
  readonly problem: SaveProblem | null;
  /** The settings as this page last saved them, until the next edit; `undone`: what was saved is what had been before. */
  readonly saved: { readonly settings: Settings; readonly undone: boolean } | null;
  edit: EditDraft;
  save(): Promise<void>;
  discard(): void;
  /** Saves what was in force before `saved` once more. */
  undo(): void;
  keepMine(current: Settings): void;
  takeTheirs(current: Settings): void;
}

export function useSettingsForm(settings: Settings, scopes: readonly string[]): SettingsForm {
  const shopify = useAppBridge();
  const fetcher = useFetcher<SettingsActionResult>();
  const [draft, setDraft] = useState(() => draftFrom(settings));
  const [problem, setProblem] = useState<SaveProblem | null>(null);
  const [saved, setSaved] = useState<SettingsForm["saved"]>(null);
  const [seen, setSeen] = useState<SettingsActionResult | null>(null);
  const result = fetcher.data;

  // Each answer is taken in once, while rendering: an effect would show the old form for a moment.
  if (result !== undefined && result !== seen) {
    setSeen(result);
    setProblem(resultProblem(result));
    if (isSettled(result)) {
      setDraft(draftFrom(result.settings));
      setSaved({ settings: result.settings, undone: result.kind === "restored" });
    }
  }

  useEffect(() => {
    if (result?.kind === "saved") shopify.toast.show("Settings saved");
    if (result?.kind === "restored") shopify.toast.show("Taken back");
  }, [result, shopify]);

  async function save(): Promise<void> {
    const missing = missingScopes(draft, draft.base, scopes);
    if (missing.length > 0) {
      const answer = await shopify.scopes.request(missing);
      if (answer.result !== "granted-all") {
        setProblem({ kind: "declined", scopes: missing });
        return;
      }
    }
    setProblem(null);
    fetcher.submit({ intent: "save", document: JSON.stringify(documentFrom(draft)) }, { method: "post" });
  }

  const restart = (current: Settings) => {
    setDraft(draftFrom(current));
    setProblem(null);
  };
  return {
    draft,
    dirty: isChanged(draft),
    saving: fetcher.state !== "idle",
    problem,
    saved,
    edit: (patch) => {
      setDraft((known) => ({ ...known, ...(typeof patch === "function" ? patch(known) : patch) }));
      setSaved(null);
    },
    save,
    discard: () => restart(draft.base),
    undo: () => {
      if (saved === null) return;
      const { version } = saved.settings;
      fetcher.submit({ intent: "restore", version: version - 1, expected: version }, { method: "post" });
    },
    keepMine: (current) => {
      setDraft((known) => rebase(known, current));
      setProblem(null);
    },
    takeTheirs: restart,
  };
}
