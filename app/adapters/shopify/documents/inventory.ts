// GraphQL documents that change and read stock.

/**
 * The one mutation through which Holdfast changes `available`. The key is stored before the call; `changeFromQuantity` is passed always, and
 * null on purpose for a delta that is right whatever there is, because leaving it out is an error since 2026-04. `app` is not selected: it may be
 * refused, and a refusal inside the answer would cost us the answer.
 */
export const ADJUST_QUANTITIES = `#graphql
  mutation HoldfastAdjustQuantities($input: InventoryAdjustQuantitiesInput!, $key: String!) {
    inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
      inventoryAdjustmentGroup {
        id
        createdAt
        changes(quantityNames: ["available"]) {
          delta
          quantityAfterChange
          item {
            id
          }
          location {
            id
          }
        }
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`;

/** The same mutation by another name, for changes of 0: whoever reads a list of requests sees which ones changed nothing. */
export const CHECK_KEY = `#graphql
  mutation HoldfastCheckKey($input: InventoryAdjustQuantitiesInput!, $key: String!) {
    inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
      inventoryAdjustmentGroup {
        id
        createdAt
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`;

/** Units between `available` and `reserved`. Of the two changes of each entry the one of `available` is asked for: its quantity afterwards is the mirror's. */
export const MOVE_QUANTITIES = `#graphql
  mutation HoldfastMoveQuantities($input: InventoryMoveQuantitiesInput!, $key: String!) {
    inventoryMoveQuantities(input: $input) @idempotent(key: $key) {
      inventoryAdjustmentGroup {
        id
        createdAt
        changes(quantityNames: ["available"]) {
          delta
          quantityAfterChange
          item {
            id
          }
          location {
            id
          }
        }
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`;

/** As `CHECK_KEY`, for the keys of moves. */
export const CHECK_KEY_OF_MOVE = `#graphql
  mutation HoldfastCheckKeyOfMove($input: InventoryMoveQuantitiesInput!, $key: String!) {
    inventoryMoveQuantities(input: $input) @idempotent(key: $key) {
      inventoryAdjustmentGroup {
        id
        createdAt
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`;

/** Levels of many items at one location: a level cannot be asked for by item and location except through its item. */
export const LEVELS_AT_LOCATION = `#graphql
  query HoldfastLevels($ids: [ID!]!, $locationId: ID!) {
    nodes(ids: $ids) {
      ... on InventoryItem {
        id
        tracked
        inventoryLevel(locationId: $locationId) {
          quantities(names: ["available", "committed", "reserved"]) {
            name
            quantity
            updatedAt
          }
        }
      }
    }
  }
`;

export const LOCATIONS = `#graphql
  query HoldfastLocations($after: String) {
    locations(first: 100, after: $after, includeInactive: true) {
      nodes {
        id
        name
        isActive
        shipsInventory
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;
