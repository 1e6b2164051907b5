// GraphQL document of the back-fill: orders by their last update, with nothing but what costs no points beside the order itself.

/** Orders of one page. */
export const ORDER_SCAN_FIRST = 100;

/** Archived and cancelled orders are listed too: no status is named. */
export const ORDERS_BY_UPDATE = `#graphql
  query HoldfastOrdersByUpdate($query: String!, $after: String) {
    orders(first: 100, after: $after, query: $query, sortKey: UPDATED_AT) {
      nodes {
        id
        updatedAt
        cancelledAt
        displayFinancialStatus
        currentSubtotalLineItemsQuantity
        subtotalLineItemsQuantity
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;
