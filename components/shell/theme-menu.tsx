"use client";
import { Keyboard, Monitor, Moon, Sun } from "lucide-react";
import { IconButton } from "#components/ui/button.tsx";
import { Menu, MenuChoice, MenuItem, MenuSeparator } from "#components/ui/menu.tsx";
import { useShell } from "./shell-context.tsx";
import type { Theme } from "./theme.ts";

const CHOICES: { value: Theme; label: string; icon: React.ReactNode }[] = [
  { value: "light", label: "Light", icon: <Sun aria-hidden /> },
  { value: "dark", label: "Dark", icon: <Moon aria-hidden /> },
  { value: "system", label: "As this device", icon: <Monitor aria-hidden /> },
];

/** How the console looks, and its keys. */
export function ThemeMenu() {
  const { theme, setTheme, openKeys, singleKeys } = useShell();
  const icon = CHOICES.find((choice) => choice.value === theme)?.icon;
  return (
    <Menu trigger={<IconButton label="Theme and keys" icon={icon} />}>
      <MenuChoice label="Theme" value={theme} choices={CHOICES} onChange={setTheme} />
      <MenuSeparator />
      <MenuItem icon={<Keyboard aria-hidden />} onSelect={openKeys} {...(singleKeys ? { keys: "?" } : {})}>
        All keys
      </MenuItem>
    </Menu>
  );
}
