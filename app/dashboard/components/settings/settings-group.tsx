// Some parts of the settings on the index: each a line with what is in force now, that opens into its page.

import { Link } from "@remix-run/react";
import { Badge, BlockStack, Box, Card, Icon, Text } from "@shopify/polaris";
import { ChevronRightIcon } from "@shopify/polaris-icons";

import type { SettingsIndex } from "../../settings-page.server.ts";
import { SETTINGS_PAGES, settingsUrl, type SETTINGS_GROUPS } from "../../settings-parts.ts";
import { actorText } from "../../terms.ts";
import { Moment } from "../moment.tsx";

interface SettingsGroupProps {
  readonly group: (typeof SETTINGS_GROUPS)[number];
  readonly page: SettingsIndex;
}

export function SettingsGroup({ group: { title, pages }, page }: SettingsGroupProps) {
  return (
    <Card padding="0">
      <BlockStack>
        <Box padding="400" paddingBlockEnd="200">
          <Text as="h2" variant="headingMd">
            {title}
          </Text>
        </Box>
        <ul className="hf-cards">
          {pages.map((id) => {
            const { text, attention } = page.summaries[id];
            return (
              <li key={id} id={id}>
                <Link to={settingsUrl(id)} prefetch="none" className="hf-settings-row">
                  <Text as="span" fontWeight="semibold">
                    {SETTINGS_PAGES[id].title}
                  </Text>
                  <span className="hf-settings-row__value">
                    <Text as="span" tone="subdued">
                      {text}
                      {id === "versions" ? <SavedBy page={page} /> : null}
                    </Text>{" "}
                    {attention === undefined ? null : <Badge tone="warning">{attention}</Badge>}
                  </span>
                  <span aria-hidden="true">
                    <Icon source={ChevronRightIcon} tone="subdued" />
                  </span>
                </Link>
              </li>
            );
          })}
        </ul>
      </BlockStack>
    </Card>
  );
}

function SavedBy({ page: { savedAt, savedBy, nowMs, timeZone } }: { readonly page: SettingsIndex }) {
  return (
    <>
      , saved <Moment at={savedAt} nowMs={nowMs} timeZone={timeZone} /> by {actorText(savedBy)}
    </>
  );
}
