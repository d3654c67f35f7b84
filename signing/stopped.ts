// Why this page itself stops, worded once. What the server refuses comes with the server's own words (talk.ts).
export interface Words {
  title: string;
  detail: string;
  remedy: string;
}

const words = {
  not_opened: { title: "Nothing to sign here", detail: "This page is opened by the console, for one thing at a time. The address alone opens nothing.", remedy: "Go to the console and start there." },
  opened_again: { title: "This page was loaded again", detail: "What it was opened for is not kept in the browser, so that nobody finds it here. Nothing was signed now.", remedy: "Go to the console and start there once more." },
  misbuilt: { title: "This page was not delivered as it should be", detail: "It does not know for which console it signs. Nothing was signed.", remedy: "Tell the operator of this installation." },
  unsupported: { title: "This browser cannot use a signing key", detail: "It lacks passkeys, or they are switched off here. Nothing was signed.", remedy: "Open the console in a current browser and start there once more." },
  strange_offer: { title: "The server asked for something this page does not do", detail: "Its answer holds more, or other things, than this page may be told. The page signs only what it made itself, so it stopped. Nothing was signed.", remedy: "Do not try again. Tell an owner of your organisation; an operator has to look." },
  strange_statements: { title: "One of these keys is not what it says", detail: "Nothing of the list can be endorsed.", remedy: "Do not try again. Tell an owner of your organisation; an operator has to look." },
  strange_replies: { title: "One of these answers is not what it says", detail: "Nothing of the list can be confirmed.", remedy: "Do not try again. Tell an owner of your organisation; an operator has to look." },
  no_answer: { title: "No answer came", detail: "The server could not be reached, so we cannot say more.", remedy: "Look at the console: it shows whether this was done." },
  no_tap: { title: "No tap came", detail: "The key was not touched in time, or the window was closed. Nothing was signed.", remedy: "Touch the button again." },
  key_known: { title: "This key signs for you already", detail: "It was enrolled before, so nothing was made.", remedy: "Take another key, or leave it as it is." },
  key_unknown: { title: "Another key answered", detail: "It is none of your signing keys. Nothing was signed.", remedy: "Touch the button again with a signing key of yours." },
  key_unreadable: { title: "This key cannot be used", detail: "It answered in a way that this page does not take. Nothing was enrolled.", remedy: "Take another key." },
  copyable: { title: "This key can be copied to other devices", detail: "Your organisation takes only keys that stay on their device. Nothing was enrolled.", remedy: "Take a hardware key, or ask an owner about the rule." },
  strange_plan: { title: "This plan is not what it says", detail: "What the server sent does not fit together. Nothing was signed.", remedy: "Do not try again. Tell an owner of your organisation; an operator has to look." },
  unconfirmed: { title: "None of your keys has confirmed all of these clients", detail: "Which vault is which client’s rests on the word of the very key that approves. Nothing was signed.", remedy: "Confirm the clients with your key under Clients, then start once more." },
  nothing_to_sign: { title: "No vault gave a challenge", detail: "Without one nothing can be signed but removals, and none are open. Nothing was signed.", remedy: "Touch the button again; if it stays, look at the vaults in the console." },
  not_verified: { title: "The key did not check who you are", detail: "It was touched without PIN or fingerprint, which no vault takes. Nothing was sent.", remedy: "Set a PIN on the key, or take another, and touch the button again." },
  minute_over: { title: "The minute was over", detail: "Vaults take a signature within a minute of their challenge, and this one came later. Nothing was sent.", remedy: "Touch the button again: the vaults are asked anew." },
  too_late: { title: "The ten minutes are over", detail: "What was not signed by then is not signed.", remedy: "Go to the console and start there once more." },
} as const satisfies Record<string, Words>;

export type StopCode = keyof typeof words;

export class Stopped extends Error {
  override name = "Stopped";
  readonly code: StopCode;
  readonly words: Words;
  constructor(code: StopCode, more: Partial<Words> = {}) {
    super(code);
    this.code = code;
    this.words = { ...words[code], ...more };
  }
}
