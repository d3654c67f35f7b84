/** Words as the beginning of a sentence. Pure, for the browser too. */
export const capital = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
