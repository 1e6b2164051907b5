// GraphQL documents that read what is sold: which stock item a variant takes from, and how.

export const VARIANTS = `#graphql
  query HoldfastVariants($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on ProductVariant {
        id
        sku
        displayName
        inventoryPolicy
        requiresComponents
        inventoryItem {
          id
          tracked
        }
      }
    }
  }
`;
