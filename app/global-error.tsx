"use client";
import { useEffect } from "react";
import { parseTheme } from "#components/shell/theme.ts";
import { Unexpected } from "#components/shell/unexpected.tsx";
import "./globals.css";

/** The root layout itself broke, so this page brings its own document; the theme's cookie is read here, no server being left to ask. */
export default function GlobalError({ error, retry }: { error: unknown; retry: () => void }) {
  useEffect(() => {
    const theme = parseTheme(/(?:^|;\s*)theme=([^;]*)/.exec(document.cookie)?.[1]);
    if (theme !== "system") document.documentElement.dataset["theme"] = theme;
  }, []);
  return (
    <html lang="en">
      <body>
        <title>Something broke · Clavitor MSP</title>
        <main className="grid min-h-dvh place-items-center px-4">
          <div className="w-full max-w-[520px] rounded-box border border-line bg-surface py-2">
            <Unexpected thrown={error} retry={retry} />
          </div>
        </main>
      </body>
    </html>
  );
}
