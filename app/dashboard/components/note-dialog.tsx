// Asks once more before an act that is final: what follows from it, and why the person wants it.

import { BlockStack, Modal, Text, TextField } from "@shopify/polaris";
import { useState } from "react";

import { NOTE_LENGTH_MAX } from "#app/domain/review.ts";

interface NoteDialogProps {
  readonly title: string;
  readonly consequence: string;
  /** What the button says. */
  readonly label: string;
  readonly destructive: boolean;
  readonly onConfirm: (note: string) => void;
  readonly onClose: () => void;
}

/** Mount it when it is wanted, in a transition: it opens with an empty reason, and drawing it holds up neither the click nor the next one. */
export function NoteDialog({ title, consequence, label, destructive, onConfirm, onClose }: NoteDialogProps) {
  const [note, setNote] = useState("");
  const [error, setError] = useState("");
  const confirm = () => {
    if (note.trim() === "") setError("Give a reason, so that others understand it later.");
    else onConfirm(note);
  };
  return (
    <Modal open onClose={onClose} title={title} primaryAction={{ content: label, destructive, onAction: confirm }} secondaryActions={[{ content: "Cancel", onAction: onClose }]}>
      <Modal.Section>
        <BlockStack gap="400">
          <Text as="p">{consequence}</Text>
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
