// GraphQL documents for orders that Holdfast creates itself. Nothing of their content is read back.

/** The order's unique metafield, in the app's own name space: nobody else can write it. */
export const RESERVATION_METAFIELD = { namespace: "$app:holdfast", key: "reservation", type: "id" } as const;

/** Type `id` has unique values by itself; asked for all the same, so that a Shopify that cannot give them says so. */
export const DEFINE_RESERVATION = `#graphql
  mutation HoldfastDefineReservation($definition: MetafieldDefinitionInput!) {
    metafieldDefinitionCreate(definition: $definition) {
      createdDefinition {
        id
      }
      userErrors {
        code
        message
      }
    }
  }
`;

/** What stands under the name when Shopify says that it is taken. */
export const RESERVATION_DEFINITION = `#graphql
  query HoldfastReservationDefinition($identifier: MetafieldDefinitionIdentifierInput!) {
    metafieldDefinition(identifier: $identifier) {
      type {
        name
      }
      capabilities {
        uniqueValues {
          enabled
        }
      }
    }
  }
`;

export const CREATE_ORDER = `#graphql
  mutation HoldfastCreateOrder($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput!) {
    orderCreate(order: $order, options: $options) {
      order {
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

export const FIND_ORDER = `#graphql
  query HoldfastFindOrder($identifier: OrderIdentifierInput!) {
    orderByIdentifier(identifier: $identifier) {
      id
    }
  }
`;
