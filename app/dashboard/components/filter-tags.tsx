// The filters in use, each to be taken away by itself; what is left is the address it leads to.

import { InlineStack, Tag } from "@shopify/polaris";
import { useNavigate } from "@remix-run/react";

interface FilterTagsProps {
  readonly tags: readonly { readonly name: string; readonly label: string; /** The address without it. */ readonly without: string }[];
}

export function FilterTags({ tags }: FilterTagsProps) {
  const navigate = useNavigate();
  if (tags.length === 0) return null;
  return (
    <div role="group" aria-label="Filters in use">
      <InlineStack gap="200">
        {tags.map((tag) => (
          <Tag key={tag.name} onRemove={() => navigate(tag.without, { preventScrollReset: true })}>
            {tag.label}
          </Tag>
        ))}
      </InlineStack>
    </div>
  );
}
