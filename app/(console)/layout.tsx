import { Settings2 } from "lucide-react";
import { cookies } from "next/headers";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import type { ReactNode } from "react";
import { Frame } from "#components/shell/frame.tsx";
import type { NavigationItem } from "#components/shell/navigation.ts";
import { ShellProvider } from "#components/shell/shell-context.tsx";
import { parseSingleKeys, parseTheme, SINGLE_KEYS_COOKIE, THEME_COOKIE } from "#components/shell/theme.ts";

/** Only places that exist stand here. */
const NAVIGATION: readonly NavigationItem[] = [{ href: "/settings", label: "Settings", icon: <Settings2 aria-hidden />, key: "s" }];

export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const jar = await cookies();
  return (
    <NuqsAdapter>
      <ShellProvider navigation={NAVIGATION} theme={parseTheme(jar.get(THEME_COOKIE)?.value)} singleKeys={parseSingleKeys(jar.get(SINGLE_KEYS_COOKIE)?.value)}>
        <Frame name="Clavitor MSP" homeHref="/" navigation={NAVIGATION}>
          {children}
        </Frame>
      </ShellProvider>
    </NuqsAdapter>
  );
}
