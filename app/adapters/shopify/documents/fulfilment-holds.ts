// GraphQL documents that hold an order's fulfilment and let it go.

export const HOLDABLE_PLACES = `#graphql
  query HoldfastHoldablePlaces($id: ID!) {
    order(id: $id) {
      fulfillmentOrders(first: 10) {
        nodes {
          id
          status
          assignedLocation {
            location {
              id
            }
          }
          supportedActions {
            action
          }
          fulfillmentHolds {
            id
            handle
            heldByRequestingApp
          }
          lineItems(first: 40) {
            nodes {
              id
              remainingQuantity
              lineItem {
                id
              }
            }
          }
        }
      }
    }
  }
`;

export const HOLD_FULFILMENT = `#graphql
  mutation HoldfastHoldFulfilment($id: ID!, $hold: FulfillmentOrderHoldInput!) {
    fulfillmentOrderHold(id: $id, fulfillmentHold: $hold) {
      fulfillmentHold {
        id
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`;

export const RELEASE_HOLD = `#graphql
  mutation HoldfastReleaseHold($id: ID!, $holdIds: [ID!]!) {
    fulfillmentOrderReleaseHold(id: $id, holdIds: $holdIds) {
      fulfillmentOrder {
        id
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`;
