// HTTP: where someone outside the admin names the shop; leads on to Shopify, which installs or opens the app.
import type { ActionFunctionArgs, LinksFunction, LoaderFunctionArgs } from "@remix-run/node";
import { Form, useActionData, useLoaderData } from "@remix-run/react";
import { Button, Card, FormLayout, Page, Text, TextField } from "@shopify/polaris";
import polarisStyles from "@shopify/polaris/build/esm/styles.css?url";
import { AppProvider } from "@shopify/shopify-app-remix/react";
import { useState } from "react";

import { login } from "#app/shopify.server.ts";

import { loginErrorMessage } from "./login-error.server.ts";

export const links: LinksFunction = () => [{ rel: "stylesheet", href: polarisStyles }];

export async function loader({ request }: LoaderFunctionArgs) {
  // The library would look for a form in a request that asks for the page's head.
  const isAsked = request.method === "GET" || new URL(request.url).searchParams.has("shop");
  return { errors: isAsked ? loginErrorMessage(await login(request)) : {} };
}

export async function action({ request }: ActionFunctionArgs) {
  // The library reads the form itself, and fails on one that is none and on a file in the place of the name.
  const form = await request.formData().catch(() => new FormData());
  const named = form.get("shop") ?? new URL(request.url).searchParams.get("shop");
  const address = new URL("/auth/login", request.url);
  const body = new URLSearchParams({ shop: typeof named === "string" ? named : "" });
  return { errors: loginErrorMessage(await login(new Request(address, { method: "POST", body }))) };
}

export default function Login() {
  const loaded = useLoaderData<typeof loader>();
  const acted = useActionData<typeof action>();
  const [shop, setShop] = useState("");
  const { errors } = acted ?? loaded;
  return (
    <AppProvider isEmbeddedApp={false} apiKey="">
      <Page narrowWidth>
        <Card>
          <Form method="post">
            <FormLayout>
              <Text variant="headingMd" as="h1">
                Open Holdfast in your shop
              </Text>
              <TextField
                type="text"
                name="shop"
                label="Shop address"
                helpText="your-shop.myshopify.com"
                value={shop}
                onChange={setShop}
                autoComplete="on"
                {...(errors.shop === undefined ? {} : { error: errors.shop })}
              />
              <Button submit variant="primary">
                Continue
              </Button>
            </FormLayout>
          </Form>
        </Card>
      </Page>
    </AppProvider>
  );
}
