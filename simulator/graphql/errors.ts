// Errors that stand at the top of a GraphQL answer, in Shopify's shapes.
import { GraphQLError } from "graphql";

export function invalidArgument(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "INVALID_FIELD_ARGUMENTS" } });
}

export function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_REQUEST" } });
}

export function inputTooLong(length: number, max: number): GraphQLError {
  return new GraphQLError(`The input array size of ${length} is greater than the maximum allowed of ${max}.`, { extensions: { code: "MAX_INPUT_SIZE_EXCEEDED" } });
}
