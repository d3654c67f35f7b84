/**
 * The closed list of failures, worded once: what happened, what it means for the person, what to do.
 * Unknown errors become `unexpected` with an id that is in the log; nothing from outside is shown raw (DESIGN section 4).
 */

type Words = { status: number; title: string; detail: string; remedy: string };

const words = {
  invalid: { status: 422, title: "Some fields need another look", detail: "Nothing was changed.", remedy: "Mend the marked fields and send again." },
  forbidden: { status: 403, title: "This is not yours to open", detail: "Your rights do not include it. Nothing was changed.", remedy: "Ask an owner of your organisation if you need it." },
  foreign_origin: { status: 403, title: "The request came from another page", detail: "Only this console's own pages may change things. Nothing was changed.", remedy: "Open the console itself and try there." },
  not_found: { status: 404, title: "There is nothing here", detail: "It may have been removed, or the address is mistyped.", remedy: "Go back, or search with Ctrl K." },
  sign_in_needed: { status: 401, title: "Sign in first", detail: "This page belongs to an organisation, and nobody is signed in here. Nothing was changed.", remedy: "Sign in with your key, then try again." },
  session_idle: { status: 401, title: "You were away for 30 minutes", detail: "You were signed out. Nothing was changed since.", remedy: "Touch your key to go on." },
  session_expired: { status: 401, title: "Twelve hours are over", detail: "A session lasts twelve hours at most, then the key is asked again. Nothing was changed since.", remedy: "Touch your key to go on." },
  session_revoked: { status: 401, title: "This session was ended", detail: "You, or an owner of your organisation, ended it. Nothing was changed since.", remedy: "Sign in again; if you did not end it, tell an owner." },
  person_frozen: { status: 403, title: "Your access is frozen", detail: "An owner of your organisation froze it, which ended every session of yours.", remedy: "Talk to an owner of your organisation." },
  ceremony_expired: { status: 410, title: "That took too long", detail: "The question to your key was older than five minutes, so its answer does not count.", remedy: "Try again, and touch the key when the browser asks." },
  ceremony_spent: { status: 409, title: "This answer was used before", detail: "Each question to your key counts once. Nothing was done a second time.", remedy: "Try again; you will be asked anew." },
  ceremony_foreign: { status: 403, title: "The answer belongs to another question", detail: "It was asked in another browser, in another session or for another purpose, or not by us. Nothing was done.", remedy: "Load the page again and start over here." },
  wrong_origin: { status: 403, title: "The key was touched on another page", detail: "Its answer names another address than this console's. Nothing was done.", remedy: "Look at the address bar. If it is right, load the page again." },
  wrong_rp: { status: 403, title: "The answer was made for another site", detail: "Your key says that it signed for another host than this console's. Nothing was done.", remedy: "Open the console at its own address and try there." },
  not_verified: { status: 403, title: "The key did not check that it is you", detail: "A touch alone is not enough: the key's PIN, your finger or your face must be checked too. Nothing was done.", remedy: "Set a PIN on the key, or take another key, and try again." },
  key_refused: { status: 403, title: "This key opens nothing here", detail: "It is not known, or what it signed does not hold. Nothing was done.", remedy: "Take the key that you registered here. If it is lost, another of your keys or an owner helps." },
  key_known: { status: 409, title: "This key is registered already", detail: "One key opens one door. Nothing was changed.", remedy: "Take another key, or sign in with this one." },
  last_key: { status: 409, title: "This is the last key", detail: "Without it nobody could sign in as you, and no owner would be left who can. Nothing was changed.", remedy: "Add another key first, then remove this one." },
  last_owner: { status: 409, title: "One owner must stay", detail: "After this, no owner would be left who can sign in. Nothing was changed.", remedy: "Make somebody else an owner first." },
  already_member: { status: 409, title: "This address belongs to a member", detail: "Nobody was added, and nothing was changed.", remedy: "Look in the list of members." },
  invitation_unknown: { status: 404, title: "This link opens nothing", detail: "It is mistyped, cut off, or not from here.", remedy: "Open the whole link from the mail, or ask for a new invitation." },
  invitation_used: { status: 410, title: "This invitation was used", detail: "An invitation works once, and somebody joined with this one.", remedy: "If it was you, sign in. If not, tell the owner who invited you." },
  invitation_expired: { status: 410, title: "This invitation has ended", detail: "It was open for seven days, or an owner took it back.", remedy: "Ask for a new invitation." },
  recovery_unknown: { status: 404, title: "This link opens nothing", detail: "It is mistyped, was used, was stopped by an owner, or is past its end.", remedy: "Ask whoever runs this installation for a new one." },
  recovery_waiting: { status: 425, title: "Not yet", detail: "A way back takes effect 24 hours after it was asked for, so that every owner can stop it.", remedy: "Come back with the same link when the time is over." },
  sign_up_closed: { status: 403, title: "Nobody can sign up here", detail: "Whoever runs this installation has closed sign-up. Nothing was made.", remedy: "Ask an owner of your organisation for an invitation." },
  moved_on: { status: 409, title: "It changed meanwhile", detail: "Somebody else, or another tab, changed it first. Nothing was changed now.", remedy: "Load the page again and look before you repeat it." },
  already_sent: { status: 409, title: "This form was sent before", detail: "It was carried out with the words it had then. The words it has now were not.", remedy: "Load the page again and fill in a fresh form." },
  not_allowed: { status: 405, title: "This door does not take that", detail: "Nothing was changed.", remedy: "Go back to the page that you came from." },
  too_large: { status: 413, title: "That is too large", detail: "The request was larger than this door takes. Nothing was changed.", remedy: "Send less at once." },
  too_many: { status: 429, title: "Too many requests", detail: "This address asked more often than a person can. Nothing was changed.", remedy: "Wait a minute, then go on." },
  unexpected: { status: 500, title: "Something went wrong on our side", detail: "It was written down under the number below. What was not confirmed did not happen.", remedy: "Try again; if it stays, send us the number." },
  database_unavailable: { status: 503, title: "The database does not answer", detail: "Nothing can be read or changed right now. Nothing is lost.", remedy: "This page works again by itself as soon as it is back." },
  record_unwritable: { status: 503, title: "Changes are stopped", detail: "What you do could not be written down, so it was not done. You can read.", remedy: "An operator has to look; your work is safe meanwhile." },
  ticket_unknown: { status: 404, title: "This link opens nothing", detail: "It is mistyped, cut off, or not from this console. Nothing was signed.", remedy: "Go to the console and start there." },
  ticket_used: { status: 409, title: "This was opened before", detail: "A signing window opens once. The console shows when it was opened, and by which browser. Nothing was signed now.", remedy: "Start once more in the console. If it was not you who opened it, tell an owner at once." },
  ticket_expired: { status: 410, title: "It waited too long to be opened", detail: "A signing window must be opened within two minutes. Nothing was signed.", remedy: "Go to the console and start there once more." },
  ticket_elsewhere: { status: 403, title: "This is another browser", detail: "The window was made for the browser in which the console is used, and is spent now. Nothing was signed.", remedy: "Start once more in the console, and let it open the window itself." },
  signing_over: { status: 409, title: "This signing window is over", detail: "It was used, or its ten minutes have passed. What it shows is not signed now.", remedy: "Look at the console: it shows what became of it." },
  signing_session_over: { status: 401, title: "Your session in the console has ended", detail: "Nothing can be signed out of it. Nothing was signed.", remedy: "Sign in at the console, then start there once more." },
  signing_key_needed: { status: 409, title: "You have no signing key yet", detail: "Endorsing and approving are done with a key of the signing page, and none of yours is enrolled. Nothing was changed.", remedy: "Enrol one under Settings, Signing keys." },
  signing_key_taken: { status: 409, title: "This key is known already", detail: "A signing key is enrolled once and never again, even after it was removed. Nothing was changed.", remedy: "Take another key." },
  signing_key_strange: { status: 403, title: "This is none of your signing keys", detail: "The key that was touched is not enrolled for you, or was removed. Nothing was signed.", remedy: "Start once more, and touch a signing key of yours." },
  tap_for_another: { status: 403, title: "The tap was for something else", detail: "What the key signed is not what was shown. Nothing was done.", remedy: "Start once more. If it happens again, tell an operator." },
  tap_elsewhere: { status: 403, title: "The tap was given on another page", detail: "The key says that it was touched for another address. Nothing was done.", remedy: "Look at the address of the page, then start once more." },
  tap_unverified: { status: 403, title: "The key did not check who you are", detail: "It was touched without PIN or fingerprint, which is not enough here. Nothing was done.", remedy: "Set a PIN on the key, or take another, and start once more." },
  tap_refused: { status: 403, title: "The key's answer does not hold", detail: "Its signature or its form is not as it must be. Nothing was done.", remedy: "Start once more, or take another key." },
  key_copyable: { status: 403, title: "This key can be copied to other devices", detail: "Your organisation takes only signing keys that stay on their device. Nothing was enrolled.", remedy: "Take a hardware key, or ask an owner about the rule." },
  plan_empty: { status: 409, title: "Nothing of this can go", detail: "Every vault in it is blocked. Nothing was frozen.", remedy: "Look at what stands against it, and choose a way out." },
  plan_too_large: { status: 422, title: "Too many vaults at once", detail: "One tap covers a thousand vaults at most. Nothing was frozen.", remedy: "Plan it in parts." },
  plan_over: { status: 409, title: "This plan can no longer be signed", detail: "It has expired, was withdrawn, or nothing of it waits for a tap. Nothing was signed.", remedy: "Make the plan anew: one click on its page." },
  plan_stale: { status: 409, title: "The vaults have moved on", detail: "Rows of this plan were changed since it was frozen. Nothing was signed.", remedy: "Make the plan anew: one click on its page." },
  plan_long: { status: 409, title: "A rule of length changed since", detail: "Something in this plan is given for longer than is allowed by now. Nothing was signed.", remedy: "Make the plan anew: what is too long is left out there, with its ways out." },
  plan_differs: { status: 409, title: "This is not the plan that was reviewed", detail: "Its digest is another than the one on the page that asked. Nothing was signed.", remedy: "Load the plan again and look at it before you sign." },
  plan_damaged: { status: 500, title: "This plan is not what was frozen", detail: "Its digest does not fit its content any more. Nothing of it is signed or sent.", remedy: "Make the plan anew, and tell an operator: somebody changed stored data." },
  plan_file: { status: 422, title: "This file cannot be taken", detail: "It is no plan that was taken away here. Nothing was made.", remedy: "Take the plan away as a file once more, and bring it unchanged." },
  work_frozen: { status: 409, title: "This work is frozen", detail: "An owner has set a kill switch over it. Nothing was signed.", remedy: "Look under Settings, Incident: who set it, and why. An owner lifts it there." },
  halt_set: { status: 409, title: "This is frozen already", detail: "The switch was set before. Nothing was changed.", remedy: "Load the page again: it shows who set it, and why." },
  cosign_needed: { status: 409, title: "Two people sign this", detail: "Nobody has signed it first yet, or that was more than an hour ago. Nothing was signed.", remedy: "Sign it first; then somebody else with a key of their own signs it, and it goes." },
  cosign_same: { status: 409, title: "You signed it first", detail: "The second signature is somebody else's, with another key. Nothing was signed.", remedy: "Ask a colleague with a signing key to sign it within the hour." },
  cosign_unneeded: { status: 409, title: "One person signs this", detail: "Nothing that is open in it asks for two. Nothing was signed.", remedy: "Load the plan again and sign it." },
  tap_too_late: { status: 409, title: "The minute was over", detail: "Vaults give a challenge for a minute, and the tap came later. Nothing was sent.", remedy: "Open the signing page once more." },
  clients_unconfirmed: { status: 409, title: "This key has not confirmed every client", detail: "Which vault is which client’s rests on the word of the very key that approves, and for some of these it has not given it. Nothing was sent.", remedy: "Confirm the clients with this key under Clients, or approve with the one that confirmed them." },
  vaults_silent: { status: 409, title: "No vault answered", detail: "Without a fresh challenge nothing can be signed but removals, and there are none. Nothing was signed.", remedy: "Try again when the vaults answer." },
  inbox_passkey_gone: { status: 409, title: "That sign-in key is gone", detail: "The passkey that was touched is no longer one of yours. Nothing was changed.", remedy: "Load the page and use a key that is listed." },
  claim_unknown: { status: 404, title: "This link claims nothing", detail: "It is mistyped, cut off, or of another instance. Nothing was made.", remedy: "Open the whole link that npm start printed." },
  claim_used: { status: 410, title: "The demo has an owner", detail: "A claim link works once, and somebody claimed it with a key. Nothing was made.", remedy: "If it was you, sign in with that key. To begin anew, remove the demo as docs/demo.md says." },
  demo_away: { status: 503, title: "The demo’s clients do not answer", detail: "The vaults and IT admins of the demo are not up. Nothing was made, and nothing is lost.", remedy: "Wait a moment and try again; their logs are beside the console’s." },
  owner_needs_way_back: { status: 409, title: "An owner comes back another way", detail: "A link from another owner would let one owner act as another. Nothing was changed.", remedy: "Take the right of an owner from them first, or have whoever runs this installation open a way back on the server." },
  address_unknown: { status: 404, title: "This link proves nothing", detail: "It is mistyped, was used, is older than three days, or a newer one took its place.", remedy: "Sign in and have a new one sent: Settings, You." },
  address_taken: { status: 409, title: "This address belongs to a member", detail: "Two members cannot share one. Nothing was changed.", remedy: "Take another address." },
  glass_unknown: { status: 404, title: "This link opens nothing", detail: "It is mistyped, cut off, or not from here. It says nothing about your vault.", remedy: "Open the whole link, or ask whoever looks after your vault for a new one." },
  glass_over: { status: 410, title: "This link has ended", detail: "It was taken back, or its time is over. Who can open your vault did not change by that.", remedy: "Ask for a new link. Your vault’s own page shows at any time who is connected." },
  inbox_key_needed: { status: 409, title: "There is no inbox key to copy", detail: "It was replaced or never made. Nothing was changed.", remedy: "Load the page and look again." },
  client_known: { status: 409, title: "A client of this name is here already", detail: "Nothing was made.", remedy: "Open that one, or write under Other names what tells the two apart." },
  client_connected: { status: 409, title: "A vault of this client is connected", detail: "It cannot be given up like an unfinished one. Nothing was changed.", remedy: "Start its exit instead." },
  address_known: { status: 409, title: "This vault belongs to another client here", detail: "One vault belongs to one client. Nothing was asked.", remedy: "Look at the address, or open the other client." },
  second_signer_needed: { status: 409, title: "There is only one signing key", detail: "If it is lost, nobody can approve or revoke anything at this client. Nothing was asked yet.", remedy: "Enrol a second key on another device first, or say in so many words that one is enough." },
  reply_unknown: { status: 404, title: "This answer belongs to no request of ours", detail: "No request of this console has its number, so nothing was taken from it.", remedy: "Copy the whole answer from the page of the vault, or make a new link." },
  reply_over: { status: 410, title: "This request is over", detail: "It was taken back, replaced by a newer one, or has ended; its answer no longer counts. Nothing was taken from it.", remedy: "Make a new link, and have it tapped once more." },
  reply_used: { status: 409, title: "This request was answered before", detail: "A request counts once, and another answer came first. Nothing was taken from this one.", remedy: "If the client tapped twice, make a new link. If not, call them." },
  reply_elsewhere: { status: 409, title: "This answer is another client's", detail: "It answers a request that was made for another client. Nothing was taken from it.", remedy: "Open that client and paste it there." },
  reply_refused: { status: 409, title: "The answer was refused", detail: "It does not fit what was asked. Nothing was taken from it.", remedy: "Call the client on a number you already have before you go on." },
  reply_waits: { status: 503, title: "The vault could not be checked yet", detail: "Its answer is kept. The client stays unconfirmed until the vault itself answers.", remedy: "Try again when the vault can be reached." },
  // Roles, technicians.
  role_name_taken: { status: 409, title: "A role has this name", detail: "Two roles of one name could not be told apart. Nothing was changed.", remedy: "Take another name, or use the role that is there." },
  role_letter_taken: { status: 409, title: "A role has this letter", detail: "One letter stands for one role everywhere; F is full access. Nothing was changed.", remedy: "Take another letter." },
  role_held: { status: 409, title: "Somebody holds this role", detail: "Retired now, it would leave people with a number that nothing here explains. Nothing was changed.", remedy: "Take the role from them with a plan first, then retire it." },
  scope_is_row: { status: 409, title: "That number is a row of the vault", detail: "Roles and rows share one space of numbers: whoever got this role could open what belongs to that row alone. Nothing was changed.", remedy: "Take another number, agreed with the client." },
  scope_taken: { status: 409, title: "That number is another role's", detail: "Who got one of the two would get both. Nothing was changed.", remedy: "Take another number, or take it from the other role first." },
  pod_name_taken: { status: 409, title: "A pod has this name", detail: "Nothing was changed.", remedy: "Take another name, or use the pod that is there." },
  pods_full: { status: 409, title: "There are as many pods as there can be", detail: "More columns to fold would fold nothing any more. Nothing was changed.", remedy: "Remove one that nobody is in." },
  draft_full: { status: 422, title: "That is more than can be staged at once", detail: "One person's staged changes hold 100,000 cells at most. What was staged last is not kept.", remedy: "Review and sign a part of it, or take some back, then go on." },
  not_stageable: { status: 409, title: "This cannot be put back from here", detail: "The row is the client’s own, has more than one part, or needs numbers that no role has. Nothing was staged.", remedy: "Open the cell in the matrix: it says why, and what would help." },
  view_limit: { status: 409, title: "There are enough views", detail: "An organisation keeps 200 views at most. Nothing was saved.", remedy: "Remove one that nobody uses, then save this one." },
  audit_slow: { status: 503, title: "This search takes too long", detail: "What it asks for has no index, and there is too much to look through. Nothing is wrong with the audit.", remedy: "Narrow the time, such as since:7d, or name a client or a person." },
  export_plan: { status: 409, title: "None of these clients has central export", detail: "Exporting several clients’ audit at once comes with the plan MME and those above it. Nothing was started.", remedy: "Choose one client: its own evidence pack is in every plan. Or move a client to MME under Billing." },
  export_busy: { status: 409, title: "Enough exports are under way", detail: "An organisation runs three at once. Nothing was started.", remedy: "Wait for one of them, or stop it." },
  export_gone: { status: 404, title: "There is no such export", detail: "A file is kept for seven days, and belongs to the organisation that made it.", remedy: "Ask for it anew: it says the same, with what came since." },
  export_waits: { status: 409, title: "The file is not whole yet", detail: "It is sealed when all of it is written. Nothing was sent.", remedy: "Wait until its page says that it is done." },
  audit_gone: { status: 404, title: "This line is not here", detail: "It was never here, or it is older than what your organisation keeps.", remedy: "Look at the retention under Settings, Audit." },
  request_over: { status: 409, title: "This request was answered", detail: "Somebody answered it, or it was taken back. Nothing was changed.", remedy: "Load the page again and look." },
  request_own: { status: 403, title: "Nobody approves their own request", detail: "You asked for it yourself. Nothing was changed.", remedy: "Ask another owner to answer it." },
  request_long: { status: 422, title: "That is longer than is allowed here", detail: "An owner has set how long access may be asked for at once. Nothing was sent.", remedy: "Ask for a shorter time; it can be extended." },
  request_unnumbered: { status: 409, title: "A role has no number there", detail: "At one of these clients a role that was asked for has no number, so it cannot be given. Nothing was sent.", remedy: "Leave that client or role out, or have an owner give the role its number under Roles." },
  request_limit: { status: 429, title: "You have enough open requests", detail: "Nobody answers a hundred at once. Nothing was sent.", remedy: "Wait for answers, or take one back." },
  lease_own: { status: 403, title: "Nobody extends their own access", detail: "One of these rows is yours. Nothing was planned.", remedy: "Leave your own out, and ask another owner for it." },
  glass_custodians: { status: 422, title: "It takes two people at least", detail: "Each of them needs an inbox key that a signer endorsed, and you are one of them. Nothing was made.", remedy: "Choose two or more, you among them." },
  glass_moved: { status: 409, title: "A custodian's key changed meanwhile", detail: "Their share was sealed to a key that counts no more. Nothing was made.", remedy: "Load the page again and make it once more." },
  opening_not_yours: { status: 403, title: "You keep no share of this", detail: "Only its custodians can do that. Nothing was changed.", remedy: "Ask one of the custodians named on the page." },
  opening_over: { status: 409, title: "This opening is over", detail: "It was closed, or its time is over. Nothing was released.", remedy: "Ask once more, with the reason." },
  opening_open: { status: 409, title: "It is being opened already", detail: "Somebody asked for this client's break-glass before you. Nothing was changed.", remedy: "Release your share for them, or close that opening first." },
  opening_same: { status: 403, title: "The second must be somebody else", detail: "You asked for it yourself, and it takes two. Nothing was released.", remedy: "Call another custodian." },
  opening_none: { status: 404, title: "There is no sealed break-glass token there", detail: "No vault handed one over for this client under the key of today. Nothing was changed.", remedy: "Plan one first, from the list." },
  seat: { status: 409, title: "Nobody signs in to this seat", detail: "It holds the break-glass rows, and its key is kept in shares. Nothing was changed.", remedy: "Open it with a second person, under Break-glass." },
  rule_limit: { status: 409, title: "There are enough rules", detail: "An organisation keeps 100 rules at most. Nothing was saved.", remedy: "Remove one, or let one rule say more." },
  // Revocation boards.
  nothing_to_revoke: { status: 409, title: "No token of ours to remove", detail: "No connected vault shows a row of ours that we take for theirs. Nothing was opened.", remedy: "Rows of the client’s own stand on the page; only the client ends them." },
  revocation_open: { status: 409, title: "A board is open for this person", detail: "Its tokens are on their way out already. Nothing was opened.", remedy: "Open that board: it says what is still to do." },
  revocation_nothing_open: { status: 409, title: "Nothing on this board needs a plan", detail: "Every token is gone, on its way, or stands in a plan that can be signed. Nothing was frozen.", remedy: "Look at the board: it says what each vault waits for." },
  certificate_none: { status: 409, title: "There is no certificate yet", detail: "It is issued when every vault has signed that the token is gone.", remedy: "Look at the board: it says what is still open." },
  payments_away: { status: 503, title: "The payment provider does not answer", detail: "What you asked for is written down and will be carried out once, as soon as it answers. Nothing is charged twice.", remedy: "Look at the subscription again in a few minutes." },
  payments_not_set_up: { status: 503, title: "No payment provider is set up", detail: "Nothing can be bought, changed or paid back here until one is. Nothing was written down.", remedy: "An operator sets one up, as docs/stripe.md says." },
  payment_refused: { status: 409, title: "The payment was refused", detail: "Nothing was changed and nothing was charged.", remedy: "Look at the card on file, then ask again." },
  billing_busy: { status: 409, title: "Something else is under way for it", detail: "Somebody asked for another change of this subscription, and it is not done yet. Nothing was changed now.", remedy: "Wait until it is done, and look before you ask again." },
  subscription_over: { status: 409, title: "This subscription has ended", detail: "An ended subscription is not changed any more, and its locked price is gone. Nothing was done.", remedy: "Start a new one, at today's price." },
  price_unpublished: { status: 409, title: "There is no such price", detail: "Today's price list does not name this plan in this currency by this interval. Nothing was done.", remedy: "Choose another currency or interval." },
  usage_over: { status: 409, title: "It does not fit into the smaller plan", detail: "More is used than the smaller plan allows, and limits are hard. Nothing was changed.", remedy: "Free what is too much, then ask again." },
  not_larger: { status: 409, title: "That is no such change", detail: "An upgrade goes to a larger plan or more users, a downgrade to a smaller one or fewer. Nothing was changed.", remedy: "Choose the other way." },
  change_waits: { status: 409, title: "Something smaller waits for the renewal", detail: "A smaller plan or fewer users come with the renewal, and nothing larger is bought before that is taken back. Nothing was changed and nothing was charged.", remedy: "Keep the plan as it is first, on its page." },
  regret_over: { status: 409, title: "The time for it is over", detail: "The last automatic renewal of a year can be taken back within 14 days; first charges, months, changes and cancellations cannot. Nothing was refunded.", remedy: "It can be cancelled for the end of its period." },
  refund_too_large: { status: 422, title: "That is more than is left of it", detail: "Of a paid invoice no more goes back than came in, and of an open one no more is taken off than is owed. Nothing was credited.", remedy: "Enter at most what is left of the invoice." },
  capacity_full: { status: 409, title: "The plan is full", detail: "Limits are hard, and the last place was taken. Nothing was made.", remedy: "Free what is not used, or move up a plan." },
  webhook_foreign: { status: 400, title: "This is not from the payment provider", detail: "It is not signed under our secret, or its signature is older than five minutes. It was not kept.", remedy: "Check the signing secret of the endpoint." },
  details_refused: { status: 409, title: "The payment provider refused it", detail: "Nothing was changed here.", remedy: "Look at the tax id and the address, then save again." },
  details_not_taken: { status: 503, title: "The payment provider does not answer", detail: "Nothing was changed here. It may hold the new details for one currency already; saved again, it comes to the same.", remedy: "Save it again in a minute." },
  portal_not_set_up: { status: 409, title: "Payment details are not set up yet", detail: "The payment provider knows nothing of this account so far, or is not set up here. Nothing was opened.", remedy: "They are there with the first subscription." },
  portal_away: { status: 503, title: "The payment provider does not answer", detail: "Its page could not be opened. Nothing was changed.", remedy: "Try again in a minute." },
  subscription_followed: { status: 409, title: "Another one takes its place", detail: "It ends with its period, and goes on in another currency or interval. Until that is taken back, nothing else is changed.", remedy: "Keep it as it is first, on its page." },
  payment_owed: { status: 409, title: "Something is owed for it first", detail: "An invoice is past due, or the card was refused, and it goes nowhere else with a debt. Nothing was changed.", remedy: "Pay what is open, then ask again." },
  event_waiting: { status: 409, title: "It is in line already", detail: "The event waits to be handled, or is being handled. Nothing was changed.", remedy: "Look again in a moment." },
  events_none_failed: { status: 409, title: "No event failed", detail: "There is nothing to handle again.", remedy: "Handle a single one again from its row." },
  client_unaddressed: { status: 409, title: "The client has no mail address", detail: "Nobody was written to.", remedy: "Enter the address of a contact on the client’s page." },
  client_told: { status: 409, title: "The client was told today", detail: "It is written to once a day at most. Nothing was sent now.", remedy: "Call, or write again tomorrow." },
  client_not_in_danger: { status: 409, title: "No clock runs for this client", detail: "Its vault is not going to be deleted. Nothing was sent.", remedy: "Look at its page again." },
  feature_absent: { status: 409, title: "The plan does not include it", detail: "Nothing was done.", remedy: "Move up to the plan that brings it." },
} as const satisfies Record<string, Words>;

export type FailureCode = keyof typeof words;

/** What a person is shown. `fields`: one message per form field; `id` is found in the log. */
export type Failure = Words & { code: FailureCode; id?: string; fields?: Record<string, string> };

/** What a verb answers to a form or a button. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; failure: Failure };

export function failure(code: FailureCode, more: { id?: string; fields?: Record<string, string>; detail?: string } = {}): Failure {
  return { code, ...words[code], ...more };
}

/** Thrown by verbs; every door turns it into its one wording. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly failure: Failure;
  constructor(code: FailureCode, more: Parameters<typeof failure>[1] & { cause?: unknown } = {}) {
    const { cause, ...rest } = more;
    super(code, { cause });
    this.failure = failure(code, rest);
  }
}

/** RFC 9457 body for doors that machines call. */
export function problem(given: Failure): { status: number; code: string; title: string; detail: string; remedy: string; id?: string; fields?: Record<string, string> } {
  const { status, code, title, detail, remedy, id, fields } = given;
  return { status, code, title, detail, remedy, ...(id && { id }), ...(fields && { fields }) };
}
