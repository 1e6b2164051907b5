// What a person notices of going from page to page: the admin's progress bar and, when it takes long, the outline of the page to come; then the focus is on its heading.

import { useLocation, useNavigation } from "@remix-run/react";
import { useAppBridge } from "@shopify/app-bridge-react";
import { BlockStack, Card, SkeletonBodyText, SkeletonDisplayText, SkeletonPage } from "@shopify/polaris";
import { type ReactNode, useEffect, useRef, useState } from "react";

/** Whatever takes less looks immediate, and an outline would only flash. */
const NOTICED_AFTER_MS = 200;

export function Arriving({ children }: { readonly children: ReactNode }) {
  const { pathname } = useLocation();
  const navigation = useNavigation();
  const shopify = useAppBridge();
  const slow = useSlow(navigation.state !== "idle");
  useFocusOnHeading(pathname);

  useEffect(() => {
    if (!slow) return undefined;
    shopify.loading(true);
    return () => shopify.loading(false);
  }, [slow, shopify]);

  const destination = navigation.location?.pathname;
  // Filters and pages of the same list, and what is saved, keep what is there: it is still true.
  const leaving = slow && navigation.state === "loading" && destination !== undefined && destination !== pathname;
  return (
    <>
      <div role="status" className="hf-heard-only">
        {slow ? "Loading" : ""}
      </div>
      {leaving ? <PageOutline /> : null}
      {/* Hidden, not taken away: a navigation that fails comes back to a form as it was typed. */}
      <div hidden={leaving}>{children}</div>
    </>
  );
}

function PageOutline() {
  return (
    <div aria-hidden className="hf-page-outline">
      <SkeletonPage primaryAction={false}>
        <BlockStack gap="400">
          {[2, 8, 4].map((lines) => (
            <Card key={lines}>
              <BlockStack gap="300">
                <SkeletonDisplayText size="small" />
                <SkeletonBodyText lines={lines} />
              </BlockStack>
            </Card>
          ))}
        </BlockStack>
      </SkeletonPage>
    </div>
  );
}

/** True once `busy` has lasted long enough to be noticed. */
function useSlow(busy: boolean): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!busy) return undefined;
    const timer = setTimeout(() => setSlow(true), NOTICED_AFTER_MS);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [busy]);
  return slow && busy;
}

/** Whoever uses a keyboard or a screen reader goes on at the new page's heading. Not when the focus is in the admin around the frame: it is not ours to take. */
function useFocusOnHeading(pathname: string): void {
  const seen = useRef(pathname);
  useEffect(() => {
    if (seen.current === pathname) return;
    seen.current = pathname;
    if (!document.hasFocus()) return;
    const heading = document.querySelector<HTMLElement>("main h1");
    if (heading === null) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }, [pathname]);
}
