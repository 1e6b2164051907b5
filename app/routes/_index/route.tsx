// HTTP: the app's bare address. Whoever comes from a shop goes to the embedded pages, everybody else may name one.
import { redirect, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Form } from "@remix-run/react";

import styles from "./styles.module.css";

export const meta: MetaFunction = () => [{ title: "Holdfast" }];

export function loader({ request }: LoaderFunctionArgs) {
  const url = new URL(request.url);
  if (url.searchParams.has("shop")) throw redirect(`/app?${url.searchParams.toString()}`);
  return null;
}

export default function Index() {
  return (
    <main className={styles.page}>
      <div className={styles.content}>
        <h1 className={styles.title}>Holdfast</h1>
        <p className={styles.lead}>Keeps your shop&apos;s stock true when orders arrive faster than they can be handled one by one.</p>
        <Form className={styles.form} method="post" action="/auth/login">
          <label className={styles.label}>
            <span>Shop address</span>
            <input className={styles.input} type="text" name="shop" placeholder="your-shop.myshopify.com" autoComplete="on" required />
          </label>
          <button className={styles.button} type="submit">
            Open in Shopify
          </button>
        </Form>
      </div>
    </main>
  );
}
