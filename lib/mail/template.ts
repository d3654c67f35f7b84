/**
 * The mails we send, each as text and as HTML from one description. A template gives paragraphs, at most one link, and a
 * closing line; both forms say the same words. Closed list: a mail is named by its template in records and on screen.
 */
export type Mail = { subject: string; paragraphs: readonly string[]; link?: { label: string; href: string }; closing: string };

export type Templates = {
  "test": { asked: string; by: string; origin: string };
  "invitation": { organisation: string; by: string; rights: string; link: string };
  "key_added": { name: string; label: string; origin: string };
  "key_removed": { name: string; label: string; origin: string };
  "recovery_asked": { organisation: string; person: string; effective: string; origin: string };
  "connect_link": { organisation: string; client: string; by: string; host: string; link: string; ends: string };
  "recovery_used": { organisation: string; person: string; origin: string };
  "signing_key_enrolled": { organisation: string; person: string; label: string; origin: string };
  "signing_key_removed": { organisation: string; person: string; label: string; by: string; origin: string };
  "fingerprint_differs": { organisation: string; person: string; by: string; origin: string };
  "invited_again": { organisation: string; by: string; person: string; link: string };
  "came_back": { organisation: string; person: string; origin: string };
  "address_proof": { organisation: string; person: string; link: string };
  "deletion_clock": { organisation: string; name: string; step: string; cause: string; ahead: string; owed: string | null; way: string | null; link: string };
  "client_clock": { organisation: string; name: string; subject: string; paragraphs: readonly string[] };
  "address_changed": { organisation: string; person: string; to: string; origin: string };
  "request_made": { person: string; what: string; clients: string; reason: string; link: string };
  "request_answered": { by: string; clients: string; outcome: string; words: string; link: string };
  "seal_strange": { organisation: string; person: string; client: string; why: string; origin: string };
  "glass_asked": { organisation: string; person: string; client: string; reason: string; drill: string; link: string };
  "glass_used": { organisation: string; client: string; what: string; who: string; origin: string };
};

export type TemplateName = keyof Templates;

const templates: { [T in TemplateName]: (data: Templates[T]) => Mail } = {
  test: ({ asked, by, origin }) => ({
    subject: "Mail from this console arrives",
    paragraphs: [`${by} asked for this mail at ${asked}, to see whether mail from the console arrives. It did.`],
    link: { label: "Open the mail page", href: `${origin}/settings/mail` },
    closing: "Nobody has to do anything.",
  }),
  invitation: ({ organisation, by, rights, link }) => ({
    subject: `${by} invites you to ${organisation}`,
    paragraphs: [`${by} invites you to ${organisation} on Clavitor MSP, as: ${rights}.`, "You need no password. The link asks you to register a passkey: a hardware key, this computer or your phone. It works once, within seven days."],
    link: { label: "Join", href: link },
    closing: `If you do not know ${by}, leave it; the link ends by itself.`,
  }),
  key_added: ({ name, label, origin }) => ({
    subject: "A key was added to your access",
    paragraphs: [`${name}, the key “${label}” can sign in as you from now on.`],
    link: { label: "Look at your keys", href: `${origin}/settings/keys` },
    closing: "If this was not you, remove it there at once, and tell an owner of your organisation to freeze your access.",
  }),
  key_removed: ({ name, label, origin }) => ({
    subject: "A key was removed from your access",
    paragraphs: [`${name}, the key “${label}” can no longer sign in as you. Sessions that it opened have ended.`],
    link: { label: "Look at your keys", href: `${origin}/settings/keys` },
    closing: "If this was not you, tell an owner of your organisation to freeze your access.",
  }),
  recovery_asked: ({ organisation, person, effective, origin }) => ({
    subject: `A way back was opened for ${person}`,
    paragraphs: [
      `Whoever runs this installation opened a way back into ${organisation} for ${person}, who said that every key is lost.`,
      `It takes effect at ${effective}. Until then, and until it is used, every owner can stop it.`,
    ],
    link: { label: "Stop it", href: `${origin}/settings/members` },
    closing: "Do nothing if you know of it. The keys that approve changes in vaults stay as they are in any case.",
  }),
  connect_link: ({ organisation, client, by, host, link, ends }) => ({
    subject: `${organisation} asks to look after access to the vault of ${client}`,
    paragraphs: [
      `${by} of ${organisation} asks you, as an owner of the vault of ${client}, to let them manage which of their people reach it. They cannot read an entry by that.`,
      `The link opens a page of your own vault at ${host}. It shows what they ask for; you may allow less. Nothing happens before you touch your own security key.`,
      `Before you do, call ${by} on a number that you already have, not one from a mail, and compare the code on that page. The link works until ${ends}.`,
    ],
    link: { label: "Open it at your vault", href: link },
    closing: `If you do not know ${organisation}, or the address is not your vault's, leave it; the link ends by itself.`,
  }),
  recovery_used: ({ organisation, person, origin }) => ({
    subject: `${person} came back with a new key`,
    paragraphs: [`The way back into ${organisation} that was opened for ${person} was used; a new key was registered.`],
    link: { label: "Look at the members", href: `${origin}/settings/members` },
    closing: `If this was not ${person}, freeze their access at once.`,
  }),
  signing_key_enrolled: ({ organisation, person, label, origin }) => ({
    subject: `${person} has a new signing key`,
    paragraphs: [`The signing key “${label}” was enrolled for ${person} at ${organisation}.`, "It approves nothing in a vault until that vault's owner is shown it, or a key that the vault knows adds it. It can endorse inbox keys from now on."],
    link: { label: "Look at the signing keys", href: `${origin}/settings/signing-keys` },
    closing: `If ${person} did not do this, remove it there at once.`,
  }),
  signing_key_removed: ({ organisation, person, label, by, origin }) => ({
    subject: `A signing key of ${person} was removed`,
    paragraphs: [`${by} removed the signing key “${label}” of ${person} at ${organisation}.`, "Vaults that know it go on taking its signature until it is removed from them too. What it endorsed waits for another signer."],
    link: { label: "Look at the signing keys", href: `${origin}/settings/signing-keys` },
    closing: `If nobody meant to, enrol it anew with another key, and ask ${by}.`,
  }),
  fingerprint_differs: ({ organisation, person, by, origin }) => ({
    subject: `${person} read another fingerprint than the console showed`,
    paragraphs: [
      `${by} compared the inbox key of ${person} at ${organisation}, and what ${person} read out was not what was shown. That key is not endorsed and never will be.`,
      "Either something was misread, or somebody put another key in its place: then tokens would have been sealed to a stranger.",
    ],
    link: { label: "Look at the inbox keys", href: `${origin}/settings/endorse` },
    closing: `Ask ${person} to make a new key and compare it face to face. If it differs again, whoever runs this installation has to look.`,
  }),
  invited_again: ({ organisation, by, person, link }) => ({
    subject: `${by} lets you back into ${organisation}`,
    paragraphs: [
      `${person}, ${by} was told that you lost every key to ${organisation}. The link registers a new one: a hardware key, this computer or your phone. It works once, within seven days.`,
      "Using it removes your former keys, ends every session of yours, and ends your inbox key, so that tokens have to be renewed.",
    ],
    link: { label: "Come back", href: link },
    closing: `If you still have a key, leave it and tell ${by}; then nothing changes.`,
  }),
  came_back: ({ organisation, person, origin }) => ({
    subject: `${person} came back with a new key`,
    paragraphs: [`${person} used the link that an owner of ${organisation} sent, and registered a new key. Former keys, sessions and the inbox key have ended.`],
    link: { label: "Open the console", href: origin },
    closing: `If this was not ${person}, an owner should freeze their access at once.`,
  }),
  address_proof: ({ organisation, person, link }) => ({
    subject: "Is this your address?",
    paragraphs: [`${person} at ${organisation} named this address as theirs. The link says that it is. It works once, within three days.`],
    link: { label: "This is my address", href: link },
    closing: "If you do not know what this is, leave it; nothing happens then.",
  }),
  deletion_clock: ({ organisation, name, step, cause, ahead, owed, way, link }) => ({
    subject: `${step}: the vault of ${name}`,
    paragraphs: [`${name}, looked after by ${organisation}: ${cause}${owed === null ? "" : `, ${owed} open`}.`, ahead, ...(way === null ? [] : [way])],
    link: { label: "Open the subscription", href: link },
    closing: "No other client of yours is touched by it.",
  }),
  client_clock: ({ organisation, name, subject, paragraphs }) => ({
    subject,
    paragraphs: [`${organisation} looks after the vault of ${name}.`, ...paragraphs],
    closing: `Questions go to whoever looks after you at ${organisation}; nobody reads answers to this mail.`,
  }),
  address_changed: ({ organisation, person, to, origin }) => ({
    subject: "Your address was changed",
    paragraphs: [`${person}, mails of ${organisation} go to ${to} from now on, and no longer here.`],
    link: { label: "Look at your account", href: `${origin}/settings/you` },
    closing: "If this was not you, tell an owner of your organisation to freeze your access at once.",
  }),
  request_made: ({ person, what, clients, reason, link }) => ({
    subject: `${person} asks for ${what}`,
    paragraphs: [`${person} asks for ${what} at ${clients}.`, `Why: ${reason}`],
    link: { label: "Answer it", href: link },
    closing: "A yes becomes a plan that a signing key still has to sign. Until then nothing changes at the client.",
  }),
  request_answered: ({ by, clients, outcome, words, link }) => ({
    subject: `Your request for ${clients}: ${outcome}`,
    paragraphs: [`${by} answered your request for ${clients}: ${outcome}.`, ...(words === "" ? [] : [words])],
    link: { label: "Open your tokens", href: link },
    closing: "What was approved arrives sealed to your key once it is signed.",
  }),
  seal_strange: ({ organisation, person, client, why, origin }) => ({
    subject: `A token for ${person} is sealed to a stranger's key`,
    paragraphs: [`${person} of ${organisation} found that a token at ${client} is not sealed to their key. ${why}`, "Whoever holds that key can open the token. Remove its row now, and look at how the plan came about."],
    link: { label: "Look at the records", href: `${origin}/settings/records` },
    closing: "If it was a mistake, a new token is one plan away; the removal loses nothing.",
  }),
  glass_asked: ({ organisation, person, client, reason, drill, link }) => ({
    subject: `${drill === "" ? "Break-glass" : "Break-glass drill"}: ${person} asks to open ${client}`,
    paragraphs: [`${person} of ${organisation} asks to ${drill === "" ? "open" : "try"} the break-glass access to ${client}, which reads everything there.${drill}`, `Why: ${reason}`],
    link: { label: "Look at it", href: link },
    closing: "It opens only if a second custodian releases their share. If you know nothing of it, close it there and call them.",
  }),
  glass_used: ({ organisation, client, what, who, origin }) => ({
    subject: `Break-glass access to ${client} was ${what}`,
    paragraphs: [`The break-glass access of ${organisation} to the vault of ${client}, which reads everything in it, was ${what}. ${who}`, "Your vault's own log says what was read."],
    link: { label: "Open the console", href: origin },
    closing: "You get this mail for each use. If you did not expect it, call at once, and end the row in your vault.",
  }),
};

export function compose<T extends TemplateName>(template: T, data: Templates[T]): Mail {
  return templates[template](data);
}

const escape = (text: string) => text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** Long lines are left to the reader's program; the link stands alone on its line, so that it stays whole. */
export function asText({ paragraphs, link, closing }: Mail): string {
  return [...paragraphs, ...(link ? [`${link.label}:\n${link.href}`] : []), closing, "-- \nClavitor MSP"].join("\n\n");
}

/** Plain enough for every mail program, readable in dark ones: no pictures, no remote parts, colours left to the reader. */
export function asHtml({ subject, paragraphs, link, closing }: Mail): string {
  const p = (inner: string) => `<p style="margin:0 0 16px">${inner}</p>`;
  const body = [
    ...paragraphs.map((text) => p(escape(text))),
    ...(link ? [p(`<a href="${escape(link.href)}" style="font-weight:600">${escape(link.label)}</a><br><span style="font-size:12px">${escape(link.href)}</span>`)] : []),
    p(escape(closing)),
    `<p style="margin:24px 0 0;font-size:12px">Clavitor MSP</p>`,
  ].join("\n");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${escape(subject)}</title></head>
<body style="margin:0;padding:24px;font:15px/24px -apple-system,'Segoe UI',Roboto,'Liberation Sans',Arial,sans-serif"><div style="max-width:560px">
${body}
</div></body></html>`;
}
