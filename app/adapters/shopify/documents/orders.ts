// GraphQL documents that read orders and where they are fulfilled. No customer, address, e-mail or note is ever selected; of an order's
// attributes, whatever they say, only the reservation they name leaves the adapter.
//
// Page sizes weigh two things: Shopify sizes a query by its `first` arguments, used or not (1,000 points at most for one), and most
// orders have few lines and no refund. The first page takes what nearly all orders have; the rest is fetched per order.

/** Lines and refunds on the first page of an order. */
export const ORDER_LINES_FIRST = 20;
export const ORDER_REFUNDS_FIRST = 5;
/** A read of all refunds takes at most this many; Shopify pages them by `first` only, so beyond it they cannot be read at all. */
export const ORDER_REFUNDS_MAX = 250;

const LINE_FIELDS = `#graphql
  fragment HoldfastLine on LineItem {
    id
    sku
    title
    quantity
    currentQuantity
    unfulfilledQuantity
    requiresShipping
    isGiftCard
    variant {
      id
      inventoryItem {
        tracked
      }
    }
    product {
      id
    }
    lineItemGroup {
      id
    }
  }
`;

const REFUND_LINE_FIELDS = `#graphql
  fragment HoldfastRefundLine on RefundLineItem {
    id
    quantity
    restockType
    lineItem {
      id
    }
    location {
      id
    }
  }
`;

export const ORDERS = `#graphql
  query HoldfastOrders($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Order {
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
        customAttributes {
          key
          value
        }
        lineItems(first: 20) {
          nodes {
            ...HoldfastLine
          }
          pageInfo {
            hasNextPage
            endCursor
          }
        }
        refunds(first: 5) {
          id
          createdAt
          refundLineItems(first: 5) {
            nodes {
              ...HoldfastRefundLine
            }
            pageInfo {
              hasNextPage
              endCursor
            }
          }
        }
      }
    }
  }
  ${LINE_FIELDS}
  ${REFUND_LINE_FIELDS}
`;

/** Further lines of one order. */
export const ORDER_LINES = `#graphql
  query HoldfastOrderLines($id: ID!, $after: String) {
    order(id: $id) {
      lineItems(first: 100, after: $after) {
        nodes {
          ...HoldfastLine
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
  ${LINE_FIELDS}
`;

/** All refunds of one order, without their lines. */
export const ORDER_REFUNDS = `#graphql
  query HoldfastOrderRefunds($id: ID!) {
    order(id: $id) {
      refunds(first: 250) {
        id
        createdAt
      }
    }
  }
`;

/** Lines of one refund. */
export const REFUND_LINES = `#graphql
  query HoldfastRefundLines($id: ID!, $after: String) {
    refund(id: $id) {
      refundLineItems(first: 100, after: $after) {
        nodes {
          ...HoldfastRefundLine
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
  ${REFUND_LINE_FIELDS}
`;

/** One fulfilment order means one location for every line; only a second one makes the lines worth reading. */
export const ORDER_PLACES = `#graphql
  query HoldfastOrderPlaces($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on Order {
        id
        fulfillmentOrders(first: 2) {
          nodes {
            id
            status
            assignedLocation {
              location {
                id
              }
            }
          }
        }
      }
    }
  }
`;

const PLACE_LINE_FIELDS = `#graphql
  fragment HoldfastPlaceLine on FulfillmentOrderLineItem {
    totalQuantity
    lineItem {
      id
    }
  }
`;

/** The fulfilment orders of one order that has several, with their lines. */
export const ORDER_PLACES_IN_DETAIL = `#graphql
  query HoldfastOrderPlacesInDetail($id: ID!, $after: String) {
    order(id: $id) {
      fulfillmentOrders(first: 15, after: $after) {
        nodes {
          id
          status
          assignedLocation {
            location {
              id
            }
          }
          lineItems(first: 20) {
            nodes {
              ...HoldfastPlaceLine
            }
            pageInfo {
              hasNextPage
              endCursor
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
  ${PLACE_LINE_FIELDS}
`;

/** Further lines of one fulfilment order. */
export const PLACE_LINES = `#graphql
  query HoldfastPlaceLines($id: ID!, $after: String) {
    fulfillmentOrder(id: $id) {
      lineItems(first: 100, after: $after) {
        nodes {
          ...HoldfastPlaceLine
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
  ${PLACE_LINE_FIELDS}
`;
