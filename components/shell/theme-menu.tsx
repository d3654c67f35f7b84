"use client";
import { Keyboard, Monitor, Moon, Sun } from "lucide-react";
import { IconButton } from "#components/ui/button.tsx";
import { Menu } from "#components/ui/menu.tsx";
import { useShell } from "./shell-context.tsx";
import { parseTheme } from "./theme.ts";

const CHOICES = [
  { value: "light", label: "Light", icon: <Sun aria-hidden /> },
  { value: "dark", label: "Dark", icon: <Moon aria-hidden /> },
  { value: "system", label: "As this device", icon: <Monitor aria-hidden /> },
] as const;

/** How the console looks, and its keys. */
export function ThemeMenu() {
  const { theme, setTheme, openKeys, singleKeys } = useShell();
  const icon = CHOICES.find((choice) => choice.value === theme)?.icon;
  return (
    <Menu
      trigger={<IconButton label="Theme and keys" icon={icon} />}
      entries={[
        { kind: "choice", label: "Theme", value: theme, choices: CHOICES, onChoose: (value) => setTheme(parseTheme(value)) },
        { kind: "line" },
        { kind: "deed", label: "All keys", icon: <Keyboard aria-hidden />, run: openKeys, ...(singleKeys ? { keys: "?" } : {}) },
      ]}
    />
  );
}
