// GraphQL document of the Shopify Flow trigger.

export const RECEIVE_TRIGGER = `#graphql
  mutation HoldfastFlowTrigger($handle: String!, $payload: JSON!) {
    flowTriggerReceive(handle: $handle, payload: $payload) {
      userErrors {
        field
        message
      }
    }
  }
`;
