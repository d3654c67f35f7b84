/**
 * Whether what was typed is the name that was asked for. Letters must agree, case and accents included: this is the last thing
 * between a person and harm. Forgiven is only what cannot be seen: surrounding and repeated spaces, how an accent is composed,
 * and marks of direction that a copied name may carry.
 */
export function isTypedName(typed: string, name: string): boolean {
  return visible(name) !== "" && visible(typed) === visible(name);
}

function visible(text: string): string {
  return text
    .normalize("NFC")
    .replace(/[\u200B-\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
