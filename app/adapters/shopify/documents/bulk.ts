// GraphQL documents of bulk operations: the three requests around them, and the two queries that run as one.
//
// A query names no pages and holds at most five connections, two deep. Every line of its file says by itself what it is about (a level
// names its item and location), so that no line has to wait in memory for another; only an order is followed by its lines.

const OPERATION_FIELDS = `#graphql
  fragment HoldfastOperation on BulkOperation {
    id
    status
    createdAt
    objectCount
    url
    partialDataUrl
    errorCode
  }
`;

export const START_BULK = `#graphql
  mutation HoldfastStartBulk($query: String!, $groupObjects: Boolean!) {
    bulkOperationRunQuery(query: $query, groupObjects: $groupObjects) {
      bulkOperation {
        ...HoldfastOperation
      }
      userErrors {
        code
        message
      }
    }
  }
  ${OPERATION_FIELDS}
`;

export const LOOK_BULK = `#graphql
  query HoldfastLookBulk($id: ID!) {
    bulkOperation(id: $id) {
      ...HoldfastOperation
    }
  }
  ${OPERATION_FIELDS}
`;

export const FIND_BULK = `#graphql
  query HoldfastFindBulk {
    bulkOperations(first: 20, sortKey: CREATED_AT, reverse: true) {
      nodes {
        ...HoldfastOperation
        query
      }
    }
  }
  ${OPERATION_FIELDS}
`;

export const CANCEL_BULK = `#graphql
  mutation HoldfastCancelBulk($id: ID!) {
    bulkOperationCancel(id: $id) {
      bulkOperation {
        ...HoldfastOperation
      }
      userErrors {
        message
      }
    }
  }
  ${OPERATION_FIELDS}
`;

/** All stock of a shop, and what sells it. */
export const STOCK_BULK = `#graphql
  query HoldfastStockScan {
    inventoryItems {
      edges {
        node {
          id
          variants {
            edges {
              node {
                id
                sku
                displayName
                inventoryPolicy
                requiresComponents
                product {
                  title
                }
                inventoryItem {
                  id
                  tracked
                }
              }
            }
          }
          inventoryLevels {
            edges {
              node {
                id
                item {
                  id
                }
                location {
                  id
                }
                quantities(names: ["available", "on_hand", "committed", "reserved"]) {
                  name
                  quantity
                  updatedAt
                }
              }
            }
          }
        }
      }
    }
  }
`;

/**
 * Orders created since a time; the search takes the place of CREATED_FROM. No customer, address, e-mail or note is selected. Its fields are those of
 * `order-answer.ts`, written out: whether Shopify takes a query with fragments for a bulk operation is not documented.
 */
export const ORDERS_BULK = `#graphql
  query HoldfastOrderScan {
    orders(query: "created_at:>='CREATED_FROM'") {
      edges {
        node {
          id
          name
          sourceName
          test
          createdAt
          updatedAt
          processedAt
          cancelledAt
          displayFinancialStatus
          displayFulfillmentStatus
          app {
            id
          }
          retailLocation {
            id
          }
          lineItems {
            edges {
              node {
                id
                sku
                title
                quantity
                currentQuantity
                unfulfilledQuantity
                isGiftCard
                variant {
                  id
                  inventoryItem {
                    tracked
                  }
                }
                lineItemGroup {
                  id
                }
              }
            }
          }
        }
      }
    }
  }
`;
