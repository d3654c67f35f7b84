import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import { connection } from "next/server";
import type { ReactNode } from "react";
import { parseTheme, THEME_COOKIE } from "#components/shell/theme.ts";
import { Providers } from "#components/ui/providers.tsx";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Clavitor MSP", template: "%s · Clavitor MSP" },
  description: "Who reaches which client's credential vault, changed only with a hardware key.",
  robots: { index: false, follow: false },
};

export const viewport: Viewport = { colorScheme: "light dark", themeColor: [{ media: "(prefers-color-scheme: light)", color: "#f8f8f5" }, { media: "(prefers-color-scheme: dark)", color: "#0f0e0c" }] };

/** Waits for a request: a page drawn ahead of one has no nonce, and without its nonce a page is dead under the policy. */
async function requestTime(): Promise<number> {
  await connection();
  return Date.now();
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  const now = await requestTime();
  const [jar, head] = await Promise.all([cookies(), headers()]);
  const theme = parseTheme(jar.get(THEME_COOKIE)?.value);
  return (
    <html lang="en" data-theme={theme === "system" ? undefined : theme}>
      <body>
        <Providers nonce={head.get("x-nonce") ?? undefined} now={now}>
          {children}
        </Providers>
      </body>
    </html>
  );
}
