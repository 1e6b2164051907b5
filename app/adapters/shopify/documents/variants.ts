// GraphQL documents that read what is sold: which stock item a variant takes from, and how; and which variant sells an item.

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

export const VARIANTS_OF_ITEMS = `#graphql
  query HoldfastVariantsOfItems($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on InventoryItem {
        id
        variants(first: 1) {
          nodes {
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
    }
  }
`;

/** Ten are enough to say that a SKU is not unique. */
export const VARIANTS_BY_SKU = `#graphql
  query HoldfastVariantsBySku($query: String!) {
    productVariants(first: 10, query: $query) {
      nodes {
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
