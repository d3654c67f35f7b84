// Every cap of the console in one place, each with the abuse or accident that it prevents. Long because it is one list.
// Every cap of the console in one place, each with the abuse or accident that it prevents. Long because it is that one list.

export const limits = {
  /** A page that hangs on the database would hold a connection and a person; the pool is small. */
  transactionMs: 10_000,
  /** Waiting for a connection longer than this means that the database is gone or the pool is exhausted. */
  transactionWaitMs: 3_000,
  /** "Does the database answer?" is asked before each page; a dead network must not hang the door. */
  databaseProbeMs: 1_500,
  /** Connections of one console process; max_connections of the embedded server is 120. */
  poolSize: 12,

  /** Requests that change something, per address and minute: more is a script. */
  changesPerMinute: 120,
  /** Sign-ins, sign-ups and link look-ups per address and minute: an office behind one address at nine in the morning, not a guesser. */
  ceremoniesPerMinute: 60,
  /** Any request to a door that touches the database, per address and minute. */
  readsPerMinute: 1_200,
  /** Body of a form or server action. Files come through doors of their own. */
  bodyBytes: 256 * 1024,
  /** Slow-loris: time to send the head of a request, and the whole of it. */
  headMs: 10_000,
  requestMs: 60_000,
  /** Sockets held open at once; a flood of idle ones must not use up the process's files. */
  connections: 2_000,
  /** Open requests are given this long when the console stops. */
  drainMs: 8_000,

  /** One record keeps fields, not documents. */
  recordFieldsBytes: 8 * 1024,

  /** A worker whose heartbeat is older than this is taken for dead by /api/ready. */
  heartbeatStaleMs: 20_000,
  heartbeatEveryMs: 5_000,
  /** Rows of workers that were killed are looked at for a day, then removed. */
  heartbeatKeptMs: 86_400_000,

  /** A mail is tried this often, the pauses growing from seconds to hours (about two days in all), then it is given up and said so. */
  mailAttempts: 12,
  /** One transport is given this long for one mail before the next transport is tried. */
  mailTransportMs: 15_000,
  /** Mails sent side by side by one worker. */
  mailConcurrency: 4,
  /** All transports together, for one mail; well below the lease. */
  mailSendMs: 60_000,
  /** A mail that a dead worker was sending is taken up by another after this. */
  mailLeaseSeconds: 120,

  /** A session without anything done by a person ends after this (DESIGN section 4). Judged by session_judge (0002), which holds the same. */
  sessionIdleSeconds: 30 * 60,
  /** And after this in any case. */
  sessionSeconds: 12 * 3_600,
  /** A one-time link in a mailbox is a key lying about; a week covers a holiday's weekend on both ends. */
  invitationSeconds: 7 * 86_400,
  /** A way back for an owner takes effect this much later (SPEC section 11), and is open for two days from then. */
  recoveryDelaySeconds: 86_400,
  recoveryOpenSeconds: 2 * 86_400,
  /** Keys of one person: more is nobody's pocket, and every one of them opens the door. */
  passkeysPerPerson: 20,
  /** Members and open invitations of one organisation; a page lists them all. */
  membersPerOrganisation: 500,
  invitationsOpen: 100,

  /** A ticket that opens the signing house: time to open a window, not to carry it elsewhere (DESIGN, The signing house). */
  ticketMs: 120_000,
  /** What the page got for it is good for one submission within this: a phone call to compare fingerprints. */
  signingSecretMs: 600_000,
  /** Tickets that one person may have made within ten minutes: a script that makes more hopes for a careless tap. */
  ticketsPerTenMinutes: 30,
  /** Signing keys of one person; a connect request holds eight signers. */
  signingKeysPerPerson: 20,
  /** Passkeys under which one inbox key is kept. */
  inboxCopies: 20,
  /** The demo's world is asked for answers of its own making, and still not waited for without end; of a portfolio, not more than this. */
  demoAnswerMs: 20_000,
  demoAnswerBytes: 2 * 1024 * 1024,
  /** Admins of the demo who connect side by side: their vaults write one after another anyway. */
  demoConnects: 6,
  /** A demo that a dead worker was connecting is taken up by another after this. */
  demoLeaseSeconds: 15,
  /** After something that held it up, it is tried again this much later. */
  demoPauseSeconds: 5,
  /** How long one run waits for vaults to be made or read before it says what is missing and comes again. */
  demoWaitMs: 90_000,
  /** Longest life of an inbox statement (PROTOCOL 8: at most one year). */
  inboxKeyDays: 365,

  /** Clients of one organisation in one list, as many as there may be: a list without an end would hang browser and database. */
  clientsListed: 5_000,
  /** Names of one kind that the palette finds at once: it is a line to type in, no list; more letters find the others. */
  namesFound: 6,
  /** Links to a client's own page that are open at once: one per person at the client, not a mailing list. */
  glassLinksOpen: 20,
  /** A page that anybody with the link may open asks the vault anew at most this often. */
  glassStatementMs: 60_000,
  /** And waits for it this long: somebody is looking at an empty page meanwhile. */
  glassWaitMs: 4_000,
  /** What changed, on a client's page: a season, and not more than anybody reads. */
  glassChangesDays: 90,
  glassChangesShown: 100,

  /** Clients of one organisation that are not ended: beyond, an import went wrong. */
  clientsPerOrganisation: 5_000,
  /** Life of a connect request (PROTOCOL 10.1: at most seven days); a little less, since the vault's clock judges it too. */
  connectRequestSeconds: 7 * 86_400 - 3_600,
  /** A tap in the last minute may be pasted a day later; then the key that could open its token is wiped. */
  connectReplyGraceSeconds: 86_400,
  /** A link is not mailed again within this: a double press, or a mailbox that somebody floods. */
  connectMailPauseMs: 60_000,
  /** Of a reply at the public door or pasted: a reply is some 4 kB. */
  connectReplyBytes: 64 * 1024,
  /** Looking at a vault while a person waits: a few calls, each bounded by itself. */
  connectCheckMs: 25_000,
  /** A sheet of clients: rows, and characters of the file. Each row costs a key pair and a request. */
  importRows: 1_000,
  importCharacters: 200_000,
  /** Requests made by one press; the page goes on by itself until all are made. */
  importChunk: 25,

  /** One call to a vault, from name to last byte (DESIGN 4): a vault that drips must not hold a reader. */
  vaultCallMs: 10_000,
  /** One question to a name server; two are asked. */
  vaultResolveMs: 3_000,
  /** Of an answer (DESIGN 4): a page is 1 MiB, an audit page less than four. */
  vaultAnswerBytes: 4 * 1024 * 1024,
  vaultHeadBytes: 16 * 1024,
  /** Connections to one origin: a host of thousands of vaults must not take all of this process's files. */
  vaultConnectionsPerOrigin: 256,
  vaultKeepAliveMs: 75_000,
  /** Verified public keys kept in memory. */
  vaultKeysHeld: 10_000,
  /** All pages of one list: a vault that gives a row a page must not hold a reader for an hour. */
  vaultListMs: 30_000,
  /** A list that changes under its reading is read anew this often. */
  vaultListAttempts: 3,
  /** Rows of one vault: above the tokens of the plans that count them, and of any company here. A lying one could show 65,535 and change them all each minute. */
  vaultListRows: 20_000,
  /** Pages of all attempts together; full ones of 1 MiB (PROTOCOL 3) hold some 1,000 rows, and one that gives a row a page is not followed. */
  vaultListPages: 64,
  /** The longest wish to wait that is granted (PROTOCOL 12), with revocations and else: a vault may slow us down, not switch us off. */
  vaultPatienceRevokingSeconds: 300,
  vaultPatienceSeconds: 3_600,
  /** The longest pause of our own after failures. */
  vaultBackoffSeconds: 900,

  /** Vaults of one plan: a submission names each, and stays below bodyBytes. */
  planVaults: 1_000,
  /** A plan can be tapped for a day: what was judged longer ago is judged anew. */
  planSeconds: 86_400,
  /** A new token that nobody used within this, counted from the freezing of its plan, is taken back by its vault: a sealed token in a mailbox is a key lying about. */
  claimSeconds: 86_400,
  /** And its person has this much of it at least, however late the plan is signed: a working day. */
  claimLeftSeconds: 8 * 3_600,
  /** A submission of the signing page starts a share no later than this after the first challenge was asked for (PROTOCOL 5: 60 s, less 5 s). */
  challengeStartMs: 55_000,
  /** Asked again between the two, a share could start late; from here on asking can only tell what became of it. */
  challengeOverMs: 75_000,
  /** A relay asks this many vaults at once, and this many in one request of the page: an approval must not be a flood. */
  relayConcurrency: 60,
  relayVaults: 100,
  /** Writes to vaults in flight, of one worker and over all. */
  dispatchConcurrency: 100,
  dispatchCap: 200,
  /** A line to a vault that a dead worker held is taken up by another after this; a write and its re-read fit into it several times. */
  dispatchLeaseSeconds: 60,
  /** A vault keeps a receipt for a day (PROTOCOL 7); less an hour for clocks. */
  receiptKeptMs: 23 * 3_600_000,
  /** The longest pause of ours while a minute runs, or a receipt waits for its re-read. */
  freshPauseSeconds: 15,
  /** Vaults whose sending, receipt or proof is written down in one transaction: longer ones would hold their rows too long. */
  dispatchTogether: 100,
  /** A plan's file, unpacked: above any plan over 1,500 vaults; a file that unpacks to more is an attack on memory. */
  planFileBytes: 4_000_000,
  /** A first signature counts no more when less than this is left of its hour: the release must still reach the vaults. */
  cosignMarginMs: 120_000,
  /** How often a vault in failover or silence is asked whether it takes a standing revocation, at most. */
  standingPauseSeconds: 300,

  /** How often a vault is read, with a tenth of jitter: the age of what a matrix shows. */
  readEverySeconds: 60,
  /** The first pause after a failed read; then longer up to vaultBackoffSeconds. One lost answer is no silence. */
  readAgainSeconds: 5,
  /** A vault whose work was stopped, or that lies, is looked at this often. */
  readStoppedSeconds: 900,
  /** Reads under way at once by one worker: the ones that answer, and the ones that are slow and must not hold those up. */
  readsAtOnce: 100,
  readsSlowAtOnce: 400,
  /** Vaults claimed ahead of a free place; readings kept in one transaction, and those that may wait to be kept before no more are begun. */
  readsAhead: 100,
  readsKeptAtOnce: 100,
  readsUnkept: 500,
  readsKeptAfterMs: 20,
  /** People of a tenant, as they are looked up by seal and name; somebody new is known after this. */
  directoryKeptMs: 5_000,
  /** A read that has not ended by now counts as slow. */
  readSlowMs: 1_500,
  /** Above the longest that a read and its probe can take together: after it, another worker takes the vault up. */
  readLeaseSeconds: 150,
  /** One run of the task; then the queue hands it out again, perhaps to another worker. */
  readRunMs: 50_000,
  /** Vaults that a person may ask to be read in one go. */
  readNowAtOnce: 2_000,
  /** Between two readings of one vault that people ask for: who may only look must not make its load. */
  readNowEverySeconds: 60,
  /** The blind probe: hourly with a tenth of jitter, sooner while nothing is proven (PROTOCOL 11). */
  probeEverySeconds: 3_600,
  probeAgainSeconds: 600,
  probeAlarmSeconds: 3 * 3_600,
  probesKeptDays: 7,
  /** Drifts opened, followed or closed with one reading: a vault that shows thousands would hold up the keeping of all others. */
  driftsAtOnce: 200,
  /** Events of a vault's log looked at for who made a drift: one page, no pull. */
  driftLookEvents: 200,
  /** Pods fold the columns of the matrix; more of them than technicians in a large team is a slip or a script. */
  podsPerOrganisation: 50,
  /** Tags of one technician; a cell of a table shows them. */
  tagsPerTechnician: 12,
  /** Rows said to be one person's at once: a name in every vault of a large portfolio. */
  rowsLinkedAtOnce: 2_000,
  /** Suggested numbers taken over at once: as many vaults as one organisation may have. */
  suggestionsAtOnce: 2_000,
  /** A link that proves an address: long enough for a mail that was held back, short enough not to lie about in a mailbox. */
  addressProofSeconds: 3 * 86_400,
  /** Such links that one person may have sent within an hour: the console is not to be used to write to strangers. */
  addressProofsPerHour: 5,
  /** Cells that one person may have staged: twice the largest portfolio's half; more is a script filling a table. */
  stagedCells: 100_000,
  /** Cells that are counted for the top bar, with every page: past this "more than" says enough. */
  stagedCounted: 5_000,
  /** Saved views and staging rules of one organisation; pages list them all. */
  viewsPerOrganisation: 200,
  rulesPerOrganisation: 100,
  // the audit: vaults' logs pulled
  /** How often a vault's log is asked for, with a tenth of jitter; one that lies or is withheld, this often. */
  auditEverySeconds: 60,
  auditBrokenSeconds: 900,
  /** Logs pulled at once by one worker; a page may hold 4 MiB. */
  auditPullsAtOnce: 24,
  /** Pages stored at once by one worker: each holds a connection of the pool (poolSize), and the database's cores are few. */
  auditStoresAtOnce: 3,
  /** Of a page as it is asked for (PROTOCOL 9: at most 1,000); of one transaction. */
  auditPageEvents: 1_000,
  auditStoredAtOnce: 4_000,
  /** One vault's turn: a log of ten million events must not hold up those of the others. */
  auditPagesPerPull: 20,
  auditPullMs: 60_000,
  /** Above the longest turn; after it, another worker takes the vault up. */
  auditLeaseSeconds: 150,
  /** One run of the task; then the queue hands it out again, perhaps to another worker. */
  auditRunMs: 50_000,
  /** A vault that tells another story each time is not followed without end; nor one in which everything is wrong. */
  auditBranches: 8,
  auditFindingsPerVault: 1_000,
  auditFindingsAtOnce: 50,
  /** Of an event's own words: kept whole up to here; shown beside a finding. */
  auditDetailCharacters: 65_536,
  auditEvidenceCharacters: 4_000,
  /** A backup's events this far apart belong to two failovers. */
  auditFailoverPauseMs: 3_600_000,
  /** Events are linked to people and plans that became known this much later. */
  auditLinkDays: 2,
  /** A shorter time of keeping begins this much later: nothing brings back what has gone. */
  auditRetentionDelaySeconds: 7 * 86_400,
  /** Events forgotten in one transaction. */
  auditForgetAtOnce: 20_000,
  /** Records of ours chained in one transaction. */
  recordsChainedAtOnce: 5_000,
  /** A record commits within transactionMs of its time; one that comes later than this is found by the daily check. */
  recordsLateMs: 600_000,
  /** Sealed tokens taken in one go: each is some two kilobytes, and a page opens them one by one. */
  sealedAtOnce: 200,
  /** Clients of one request, and open requests of one person: somebody has to read them. */
  requestVaults: 25,
  requestsOpen: 20,
  /** Longest times of single roles and tags; each is looked at for every row of every plan. */
  lengthRules: 60,
  /** Requests and endings listed at once. */
  requestsListed: 300,
  leasesListed: 5_000,
  /** Custodians of the break-glass: more of them than a rota needs makes two easy to find. */
  glassCustodians: 12,
  /** From asking to the end of an opening: a second person answers the phone, or it is asked anew. */
  glassOpenSeconds: 3_600,
  /** Streams of events that one console process keeps open; each is a socket. */
  eventStreams: 1_000,
  /** A stream asks this often whether its session still lives, and says something, so that dead sockets are seen. */
  eventSessionMs: 60_000,
  /** Lines of the lock ledger and of invoices on one page; and in one sheet, twice what one organisation may have. */
  ledgerPage: 100,
  ledgerSheet: 20_000,
  invoiceSheet: 100_000,
  /** Lines of a month that a browser still prints; the sheet holds all of them. */
  statementLines: 500,
  /** Clocks shown and worked at once: the soonest; more of them at once is a payment provider that fails, not clients. */
  clocksShown: 500,
  /** Subscriptions weighed at once in a what-if: a page, not a portfolio. */
  whatIfLines: 300,
  /** A search of the audit that runs longer has met a question without an index: it must not hold the database. */
  auditSearchMs: 3_000,
  auditCountMs: 9_000,
  /** How many rows are counted one by one before a sample stands for all; and how many a sample aims to see. */
  auditCounted: 150_000,
  auditSampled: 20_000,
  /** What counting one by one may cost, in the planner's units (a page read in order is 1, one by itself 4); blocks of a sample at most. */
  auditCountCost: 80_000,
  auditSampledBlocks: 10_000,
  /** Names at events that a part of a name may mean; where it means more, going through the events finds some soon. */
  auditNamesMatched: 500,
  /** A tail asks the database this often, once for all of one tenant's streams. */
  auditTailMs: 1_000,
  /** Revocation boards: vaults looked at side by side for proof, and rows kept in one transaction; a list of rows may be a megabyte. */
  revocationLooks: 40,
  revocationKept: 50,
  /** While removals are on their way, boards are looked at this often; else each minute. */
  revocationBesideMs: 250,
  /** A vault that gave no proof is asked for it again after this: a board must not become a load. */
  revocationLookPauseMs: 15_000,
  /** Rows of one board: as many vaults as a plan holds, and some second rows. */
  revocationRows: 1_200,
  /** A log that a rotation list waits for is hurried, and the list looked at again, this often: a board must not become a load. */
  seenLookMs: 5_000,
  /** A log that was so little behind when its board was opened makes no second list before there is a proof. */
  seenLagMs: 600_000,
  /** A list that the database could not make in limits.transactionMs is tried again after this; and so many failures end one look. */
  seenFailedMs: 3_600_000,
  seenFailures: 10,
  /** Of a vault that masks some of its events, so many of the newest are gone through for changes whose entry is not shown. */
  seenMaskedEvents: 200_000,
  /** Lines of one export: some gigabyte in the database. And how long a file is kept there. */
  exportLines: 2_000_000,
  exportKeptDays: 7,
  /** Exports of one organisation that are under way at once, and lines that are written in one piece. */
  exportsAtOnce: 3,
  exportPiece: 2_000,
  /** An export that a dead worker wrote is gone on with by another after this; how long one run writes before others get their turn. */
  exportLeaseSeconds: 60,
  exportRunMs: 40_000,
  /** Begun subscriptions that wait for their payment, as one page lists them. */
  openingsListed: 50,
  /** Clients without a subscription that one list of choices holds; another is named by the address. */
  unsubscribedListed: 1_000,
  /** One call of the payment provider, which asks once more by itself; a person waits for it. */
  paymentsAnswerMs: 12_000,
  /** Age of a webhook's signature, either way: what is replayed later is refused (Stripe's own default). */
  webhookToleranceSeconds: 300,
  /** A webhook with an invoice of a hundred lines; larger ones are none of ours. */
  webhookBytes: 1_000_000,
  /** A webhook that fails is handled again so often, with growing pauses of up to an hour; then an alarm is raised. */
  webhookAttempts: 12,
  /** An intent that the provider does not answer is tried again for about a day; then an alarm is raised, and it goes on hourly. */
  intentAlarmAttempts: 24,
  billingLeaseSeconds: 120,
  /** Subscriptions under way at once between us and the provider. */
  billingAtOnce: 8,
  /** Users of one subscription: beyond it, a slip of the keyboard. */
  subscriptionUsers: 100_000,
  /** One call of a point of presence's sidecar, on a private line. */
  popAnswerMs: 5_000,
  /** A vault that could not be told so often, over about an hour, is an alarm. */
  popAlarmAttempts: 10,
  /** How far back the nightly comparison looks at invoices: due date, suspension and deletion lie within. */
  reconcileInvoiceDays: 120,
  /** Calls of one machine, the payment provider's or a point of presence's: a portfolio's renewals come at once. */
  machinesPerMinute: 6_000,
} as const;
