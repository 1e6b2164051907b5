// Tells Remix's types that single fetch is on (vite.config.ts): loaders hand Dates to pages as Dates, not as text.

import "@remix-run/server-runtime";

declare module "@remix-run/server-runtime" {
  interface Future {
    v3_singleFetch: true;
  }
}
