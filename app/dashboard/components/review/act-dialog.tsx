// Asks once more before an act that is final: what follows from it, and why the person wants it.

import { BlockStack, Modal, Text, TextField } from "@shopify/polaris";
import { useState } from "react";

import { NOTE_LENGTH_MAX, type ReviewAct } from "#app/domain/review.ts";

import { plural } from "../../formatting.ts";
import { REVIEW_ACT_TERMS } from "../../terms.ts";

interface ActDialogProps {
  readonly act: ReviewAct;
  /** Null: all that match, however many. */
  readonly count: number | null;
  /** With what went in the same calls; the same as `count` when nothing else did. */
  readonly touchedCount: number | null;
  readonly onConfirm: (note: string) => void;
  readonly onClose: () => void;
}

/** Mount it when it is wanted: it opens with an empty reason. */
export function ActDialog({ act, count, touchedCount, onConfirm, onClose }: ActDialogProps) {
  const [note, setNote] = useState("");
  const [error, setError] = useState("");
  const term = REVIEW_ACT_TERMS[act];
  const confirm = () => {
    if (note.trim() === "") setError("Give a reason, so that others understand it later.");
    else onConfirm(note);
  };
  const others = touchedCount !== null && count !== null && touchedCount > count ? ` ${plural(touchedCount, "change")} in all went in the same ${count === 1 ? "call" : "calls"}.` : "";
  return (
    <Modal
      open
      onClose={onClose}
      title={`${term.label}: ${count === null ? "everything that matches" : plural(count, "change")}`}
      primaryAction={{ content: term.label, destructive: act !== "resolve_applied", onAction: confirm }}
      secondaryActions={[{ content: "Cancel", onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="400">
          <Text as="p">
            {term.consequence}
            {others}
          </Text>
          <TextField
            label="Reason"
            value={note}
            onChange={setNote}
            autoComplete="off"
            multiline={2}
            maxLength={NOTE_LENGTH_MAX}
            helpText="It stays in the audit trail with your staff id. Name no customers."
            {...(error === "" ? {} : { error })}
          />
        </BlockStack>
      </Modal.Section>
    </Modal>
  );
}
