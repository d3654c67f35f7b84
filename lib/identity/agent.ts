/** Whose browser it was, in words a person recognises: "Firefox on Windows". A hint for the list of sessions, never a proof. Pure. */
const browsers: readonly [RegExp, string][] = [[/\bEdg(e|A|iOS)?\//, "Edge"], [/\bOPR\/|\bOpera\b/, "Opera"], [/\b(Firefox|FxiOS)\//, "Firefox"], [/\b(Chrome|CriOS|HeadlessChrome|Chromium)\//, "Chrome"], [/\bSafari\//, "Safari"]];
const systems: readonly [RegExp, string][] = [[/\bWindows\b/, "Windows"], [/\b(iPhone|iPad|iPod)\b/, "iOS"], [/\bAndroid\b/, "Android"], [/\bCrOS\b/, "ChromeOS"], [/\bMac OS X\b|\bMacintosh\b/, "macOS"], [/\bLinux\b/, "Linux"]];

const first = (list: readonly [RegExp, string][], text: string) => list.find(([mark]) => mark.test(text))?.[1];

export function agentInWords(userAgent: string | null | undefined): string {
  const text = userAgent ?? "";
  const browser = first(browsers, text) ?? "A browser";
  const system = first(systems, text);
  return system ? `${browser} on ${system}` : browser;
}
