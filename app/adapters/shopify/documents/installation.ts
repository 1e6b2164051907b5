// GraphQL documents about the app's own installation in a shop.

/** Who we are in this shop, what we may do, and what the merchant's pages need to show times and names. */
export const INSTALLATION_QUERY = `#graphql
  query HoldfastInstallation {
    currentAppInstallation {
      id
      accessScopes {
        handle
      }
    }
    shop {
      name
      ianaTimezone
      currencyCode
      plan {
        publicDisplayName
        partnerDevelopment
        shopifyPlus
      }
    }
  }
`;

/** Under which id Shopify files the orders that we create. */
export const OWN_APP_QUERY = `#graphql
  query HoldfastOwnApp {
    currentAppInstallation {
      app {
        id
      }
    }
  }
`;
