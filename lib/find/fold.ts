/** Letters without accents and case, so that "chateau" finds "Château". */
export const fold = (text: string): string => text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase().trim();
