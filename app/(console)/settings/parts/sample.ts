/** Made-up clients that break what is drawn carelessly: long, accented, right-to-left, twice the same, starting with a sign. */
export const CLIENTS = [
  { id: "bellwether", name: "Bellwether Books", place: "Bristol", plan: "T10", used: 9, limit: 11, locked: { minor: 19900, currency: "USD" }, renewsInDays: 1 },
  { id: "vermeil", name: "Château Vermeil Hôtels", place: "Annecy", plan: "T25", used: 19, limit: 26, locked: { minor: 44900, currency: "USD" }, renewsInDays: 128 },
  { id: "nakhil", name: "مكتبة النخيل", place: "Doha", plan: "T10", used: 6, limit: 11, locked: { minor: 21900, currency: "EUR" }, renewsInDays: 306 },
  { id: "waterworks", name: "Municipal Waterworks Cooperative of the Lower Wexcombe Valley", place: "Wexcombe", plan: "T100", used: 52, limit: 101, locked: { minor: 149900, currency: "USD" }, renewsInDays: 61 },
  { id: "harbour-leith", name: "Harbour Street Clinic", place: "Leith", plan: "T10", used: 11, limit: 11, locked: { minor: 21050, currency: "GBP" }, renewsInDays: -3 },
  { id: "harbour-cork", name: "Harbour Street Clinic", place: "Cork", plan: "T10", used: 7, limit: 11, locked: { minor: 24900, currency: "EUR" }, renewsInDays: 12 },
  { id: "sum", name: "=SUM Analytics", place: "Gent", plan: "T10", used: 8, limit: 11, locked: { minor: 22950, currency: "CHF" }, renewsInDays: 200 },
] as const;
export type SampleClient = (typeof CLIENTS)[number];
