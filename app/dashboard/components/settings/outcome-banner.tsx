// What became of the last save, when it did not succeed: stays until it is dealt with.

import { Banner, List, Text } from "@shopify/polaris";

import type { Fault } from "#app/domain/document-reader.ts";
import type { Settings } from "#app/domain/settings.ts";

import { plural } from "../../formatting.ts";
import { plainMessage } from "../../settings-draft.ts";
import { SETTINGS_PARTS } from "../../terms.ts";

export type SaveProblem =
  | { readonly kind: "faults"; readonly faults: readonly Fault[] }
  | { readonly kind: "conflict"; readonly current: Settings }
  | { readonly kind: "unavailable" | "declined" | "failed" };

interface OutcomeBannerProps {
  readonly problem: SaveProblem;
  readonly onKeepMine: (current: Settings) => void;
  readonly onTakeTheirs: (current: Settings) => void;
}

/** Faults listed in the banner; each also stands beside its field. */
const FAULTS_LISTED_MAX = 8;

export function OutcomeBanner({ problem, onKeepMine, onTakeTheirs }: OutcomeBannerProps) {
  switch (problem.kind) {
    case "faults":
      return (
        <Banner tone="critical" title={`Not saved: ${plural(problem.faults.length, "thing")} to correct`}>
          <List>
            {problem.faults.slice(0, FAULTS_LISTED_MAX).map((fault) => (
              <List.Item key={`${fault.path} ${fault.code}`}>{listed(fault)}</List.Item>
            ))}
          </List>
        </Banner>
      );
    case "conflict":
      return (
        <Banner
          tone="warning"
          title="Somebody else saved these settings meanwhile"
          action={{ content: "Keep what I typed", onAction: () => onKeepMine(problem.current) }}
          secondaryAction={{ content: "Discard mine and show theirs", onAction: () => onTakeTheirs(problem.current) }}
        >
          <Text as="p">Nothing you typed is lost. If you keep it and save again, it replaces theirs; both versions stay in the audit trail.</Text>
        </Banner>
      );
    case "unavailable":
      return (
        <Banner tone="warning" title="Not saved: Shopify did not answer">
          <Text as="p">Holdfast checks with Shopify that the items of your rules exist before it saves them. Try again in a moment; nothing you typed is lost.</Text>
        </Banner>
      );
    case "declined":
      return (
        <Banner tone="warning" title="Not saved: protection needs the permission to change inventory">
          <Text as="p">Shopify asked and the permission was not granted. Save again to be asked once more, or choose to watch only.</Text>
        </Banner>
      );
    case "failed":
      return (
        <Banner tone="critical" title="Not saved: something went wrong">
          <Text as="p">Nothing was changed and nothing you typed is lost. Try again in a moment.</Text>
        </Banner>
      );
  }
}

function listed(fault: Fault): string {
  const part = SETTINGS_PARTS.find(([field]) => fault.path.startsWith(field))?.[1];
  return part === undefined ? fault.message : `${part}: ${plainMessage(fault)}`;
}
