// The dialog before a decision on a stock problem: exactly what will be sent to Shopify, and why the person wants it.

import { BlockStack, Modal, Text, TextField } from "@shopify/polaris";
import { useState } from "react";

import { NOTE_LENGTH_MAX } from "#app/domain/review.ts";

import { formatDelta, formatQuantity } from "../../formatting.ts";
import { CORRECTION_ACT_TERMS } from "../../problem-terms.ts";
import { Facts } from "../facts.tsx";
import type { AskedDecision } from "./use-correction.ts";

interface CorrectionDialogProps {
  readonly asked: AskedDecision;
  readonly item: string;
  readonly location: string;
  /** Why a correction is sent. */
  readonly why: string;
  /** What leaving things as they are amounts to. */
  readonly leaving: string;
  readonly onConfirm: (note: string) => void;
  readonly onClose: () => void;
}

/** Mount it when it is wanted: it opens with an empty reason. */
export function CorrectionDialog({ asked, item, location, why, leaving, onConfirm, onClose }: CorrectionDialogProps) {
  const [note, setNote] = useState("");
  const [error, setError] = useState("");
  const confirm = () => {
    if (note.trim() === "") setError("Give a reason, so that others understand it later.");
    else onConfirm(note);
  };
  const { label } = CORRECTION_ACT_TERMS[asked.act];
  return (
    <Modal
      open
      onClose={onClose}
      title={`${label}: ${item}`}
      primaryAction={{ content: asked.act === "dismiss" ? label : `Send ${formatDelta(asked.numbers.delta)}`, onAction: confirm }}
      secondaryActions={[{ content: "Cancel", onAction: onClose }]}
    >
      <Modal.Section>
        <BlockStack gap="400">
          {asked.act === "dismiss" ? <Text as="p">{leaving}</Text> : <WhatIsSent asked={asked} item={item} location={location} why={asked.act === "undo" ? "The correction that took effect is undone." : why} />}
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

function WhatIsSent({ asked: { numbers }, item, location, why }: { readonly asked: Exclude<AskedDecision, { act: "dismiss" }>; readonly item: string; readonly location: string; readonly why: string }) {
  const { delta, standing, expected, effectKey } = numbers;
  return (
    <>
      <Text as="p">This is what Holdfast sends to Shopify, once:</Text>
      <Facts
        facts={[
          { name: "Item", value: item },
          { name: "Location", value: location },
          {
            name: "Available",
            value: (
              <Text as="span" fontWeight="semibold" numeric>
                {standing === null ? `${formatDelta(delta)} to whatever is there` : `${formatQuantity(standing)} → ${formatQuantity(expected)} (${formatDelta(delta)})`}
              </Text>
            ),
          },
          { name: "Why", value: why },
          { name: "Counts once under", value: <span className="hf-code">{effectKey}</span> },
        ]}
      />
      <Text as="p" tone="subdued">
        It is sent as a change of the number, not as a number: orders that come in the meantime are not lost.
      </Text>
    </>
  );
}
