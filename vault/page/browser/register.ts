// The host's page for a new vault: a name, a security key, and the owner's token, shown once.
import { action, h, labelled, show, statusLine } from "./dom.ts";
import { registerVault } from "./vault.ts";

function start(): void {
  const line = statusLine();
  const name = h("input", { type: "text", required: true, maxLength: 120, autocomplete: "organization" });
  const code = h("input", { type: "text", autocomplete: "off", spellcheck: false });
  show(
    "A new vault",
    h("p", {}, "The vault opens with your security key. Keep a second one enrolled: without any, nobody can change it."),
    labelled("Name of the vault", name),
    labelled("Registration code, if you were given one", code),
    action("Create it with your security key", line, async () => {
      if (name.value.trim() === "") throw new Error("Give the vault a name.");
      const made = await registerVault(name.value.trim(), code.value === "" ? null : code.value);
      done(made.url, made.token, made.unlocks);
    }),
    line,
  );
}

function done(url: string, token: string, unlocks: boolean): void {
  const line = statusLine();
  const shown = h("input", { type: "text", readOnly: true, value: token, autocomplete: "off" });
  show(
    "The vault is ready",
    h("p", {}, "Its address:"),
    h("p", { className: "code" }, url),
    h("p", {}, "Your own token, for your programs. It is shown once and stored nowhere:"),
    labelled("Token", shown),
    action("Copy the token", line, async () => {
      await navigator.clipboard.writeText(token);
      line.textContent = "Copied.";
    }),
    line,
    unlocks ? null : h("p", { className: "note" }, "This security key offers no key derivation (PRF), so the vault holds no identity fields (L3). Credentials (L2) work as usual."),
    h("p", {}, h("a", { href: `${url}/connect` }, "Connected providers")),
  );
}

start();
