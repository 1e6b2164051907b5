// The requests by which a development store is seeded and emptied again.

export const READ_STORE = `query SeedReadStore {
  shop { plan { partnerDevelopment } }
  locations(first: 50) { nodes { id name isActive shipsInventory } }
}`;

export const FIND_PRODUCT = `query SeedFindProduct($handle: String!) {
  productByIdentifier(identifier: { handle: $handle }) { id handle variants(first: 1) { nodes { id } } }
}`;

export const MAKE_PRODUCT = `mutation SeedMakeProduct($input: ProductSetInput!) {
  productSet(input: $input, synchronous: true) {
    product { id handle variants(first: 1) { nodes { id } } }
    userErrors { code message }
  }
}`;

export const DELETE_PRODUCT = `mutation SeedDeleteProduct($id: ID!) {
  productDelete(input: { id: $id }) { deletedProductId userErrors { message } }
}`;

export const ADD_LOCATION = `mutation SeedAddLocation($name: String!) {
  locationAdd(input: { name: $name, address: { countryCode: CA, address1: "1 Seed Street", city: "Ottawa", provinceCode: "ON", zip: "K1A 0A1" } }) {
    location { id name isActive shipsInventory }
    userErrors { code message }
  }
}`;

export const DEACTIVATE_LOCATION = `mutation SeedDeactivateLocation($id: ID!, $key: String!) {
  locationDeactivate(locationId: $id) @idempotent(key: $key) { locationDeactivateUserErrors { code message } }
}`;

export const DELETE_LOCATION = `mutation SeedDeleteLocation($id: ID!) {
  locationDelete(locationId: $id) { deletedLocationId locationDeleteUserErrors { code message } }
}`;

export const MAKE_ORDER = `mutation SeedMakeOrder($order: OrderCreateOrderInput!) {
  orderCreate(order: $order, options: { inventoryBehaviour: BYPASS }) { order { id name } userErrors { code message } }
}`;

export const CANCEL_ORDER = `mutation SeedCancelOrder($id: ID!) {
  orderCancel(orderId: $id, reason: OTHER, restock: true) { orderCancelUserErrors { code message } }
}`;

export const DELETE_ORDER = `mutation SeedDeleteOrder($id: ID!) {
  orderDelete(orderId: $id) { deletedId userErrors { message } }
}`;

export const FIND_ORDERS = `query SeedFindOrders($query: String!, $after: String) {
  orders(first: 50, query: $query, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } }
}`;

export const FIND_PRODUCTS = `query SeedFindProducts($query: String!, $after: String) {
  products(first: 50, query: $query, after: $after) { nodes { id title } pageInfo { hasNextPage endCursor } }
}`;
