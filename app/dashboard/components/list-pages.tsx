// Newer and older: links, so that they can be opened, bookmarked and gone back from.

import { Button, ButtonGroup, InlineStack } from "@shopify/polaris";

interface ListPagesProps {
  /** Addresses of the neighbouring pages; null where there is none. */
  readonly newerUrl: string | null;
  readonly olderUrl: string | null;
}

export function ListPages({ newerUrl, olderUrl }: ListPagesProps) {
  if (newerUrl === null && olderUrl === null) return null;
  return (
    <nav aria-label="Pages">
      <InlineStack align="center">
        <ButtonGroup>
          <PageLink label="Newer" url={newerUrl} />
          <PageLink label="Older" url={olderUrl} />
        </ButtonGroup>
      </InlineStack>
    </nav>
  );
}

function PageLink({ label, url }: { readonly label: string; readonly url: string | null }) {
  return url === null ? <Button disabled>{label}</Button> : <Button url={url}>{label}</Button>;
}
