// GraphQL documents that ask whether a thing is sold by plans, by which plan a line was sold, and what a plan is for.

/** Of the product, because its groups are those of all its variants, too; one is enough to say that there are any. */
export const SOLD_BY_PLAN = `#graphql
  query HoldfastSoldByPlan($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on ProductVariant {
        id
        product {
          sellingPlanGroups(first: 1) {
            nodes {
              id
            }
          }
        }
      }
    }
  }
`;

export const LINE_PLANS = `#graphql
  query HoldfastLinePlans($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on LineItem {
        id
        sellingPlan {
          sellingPlanId
        }
      }
    }
  }
`;

export const PLANS = `#graphql
  query HoldfastPlans($ids: [ID!]!) {
    nodes(ids: $ids) {
      ... on SellingPlan {
        id
        category
        inventoryPolicy {
          reserve
        }
      }
    }
  }
`;
