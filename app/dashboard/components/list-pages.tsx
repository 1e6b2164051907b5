// Newer and older: links, so that they can be opened, bookmarked and gone back from.

import { Button, ButtonGroup, InlineStack } from "@shopify/polaris";

interface ListPagesProps {
  /** Addresses of the neighbouring pages; null where there is none. */
  readonly newerUrl: string | null;
  readonly olderUrl: string | null;
  /** What is not a list by time is gone through, not back in. */
  readonly labels?: { readonly newer: string; readonly older: string };
}

export function ListPages({ newerUrl, olderUrl, labels = { newer: "Newer", older: "Older" } }: ListPagesProps) {
  if (newerUrl === null && olderUrl === null) return null;
  return (
    <nav aria-label="Pages">
      <InlineStack align="center">
        <ButtonGroup>
          <PageLink label={labels.newer} url={newerUrl} />
          <PageLink label={labels.older} url={olderUrl} />
        </ButtonGroup>
      </InlineStack>
    </nav>
  );
}

function PageLink({ label, url }: { readonly label: string; readonly url: string | null }) {
  return url === null ? <Button disabled>{label}</Button> : <Button url={url}>{label}</Button>;
}
