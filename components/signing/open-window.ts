/**
 * Opens a signing window. The console keeps no hold on it, nor it on the console: what became of it is asked of the server.
 * A browser that blocks it leaves the link on the page.
 */
export function openSigningWindow(url: string): void {
  window.open(url, "_blank", "noopener,noreferrer,popup,width=640,height=860");
}
