// What became of the last save, when it did not succeed: stays until it is dealt with.

import { Banner, List, Text } from "@shopify/polaris";

import { WRITE_SCOPE } from "#app/domain/settings-rules-check.ts";
import type { Fault } from "#app/domain/document-reader.ts";
import type { Settings } from "#app/domain/settings.ts";

import { plural } from "../../formatting.ts";
import { NOT_PERMITTED } from "../../permission-terms.ts";
import { plainMessage } from "../../settings-draft.ts";
import type { SaveProblem } from "../../settings-outcome.ts";
import { SETTINGS_PAGES, settingsPageOf } from "../../settings-parts.ts";
import { scopesText } from "../../settings-terms.ts";

interface OutcomeBannerProps {
  readonly problem: SaveProblem;
  /** Where something is typed; elsewhere the page is simply shown anew. */
  readonly onKeepMine?: (current: Settings) => void;
  readonly onTakeTheirs?: (current: Settings) => void;
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
      if (onKeepMine === undefined || onTakeTheirs === undefined) {
        return (
          <Banner tone="warning" title="Nothing was changed: somebody else saved these settings meanwhile">
            <Text as="p">What you see now is laid beside what they saved. Look at it again, and then decide.</Text>
          </Banner>
        );
      }
      return (
        <Banner
          tone="warning"
          title="Somebody else saved these settings meanwhile"
          action={{ content: "Keep what I typed", onAction: () => onKeepMine(problem.current) }}
          secondaryAction={{ content: "Discard mine and show theirs", onAction: () => onTakeTheirs(problem.current) }}
        >
          <Text as="p">Nothing you typed is lost. If you keep it and save again, it replaces theirs; both versions stay among the earlier versions.</Text>
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
        <Banner tone="warning" title={`Not saved: ${problem.scopes.includes(WRITE_SCOPE) ? "protection" : "this"} needs the permission to ${scopesText(problem.scopes)}`}>
          <Text as="p">Shopify asked and the permission was not granted. Save again to be asked once more, or take back what needs it.</Text>
        </Banner>
      );
    case "not_permitted":
      return (
        <Banner tone="critical" title={NOT_PERMITTED.title}>
          <Text as="p">{NOT_PERMITTED.text}</Text>
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
  const page = settingsPageOf(fault.path);
  return page === null ? fault.message : `${SETTINGS_PAGES[page].title}: ${plainMessage(fault)}`;
}
