// Puts the library's login errors into words for the person who typed a shop's address.
import { LoginErrorType, type LoginError } from "@shopify/shopify-app-remix/server";

export interface LoginErrorMessage {
  shop?: string;
}

export function loginErrorMessage(errors: LoginError): LoginErrorMessage {
  switch (errors.shop) {
    case LoginErrorType.MissingShop:
      return { shop: "Enter your shop's address." };
    case LoginErrorType.InvalidShop:
      return { shop: "That is not a shop's address. It looks like your-shop.myshopify.com." };
    case undefined:
      return {};
  }
}
