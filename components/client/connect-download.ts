/** Offers text as a file, made in the browser: nothing is sent anywhere for it. */
export function offerDownload(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  // The click has taken it; the address is not needed any longer.
  URL.revokeObjectURL(url);
}
