import { Copy } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "#components/ui/button.tsx";
import { ChangePath } from "#components/ui/change-path.tsx";
import { Chip } from "#components/ui/chip.tsx";
import { Keys } from "#components/ui/keys.tsx";
import { Progress } from "#components/ui/progress.tsx";
import { Empty, Failure, Forbidden, LoadingRows, NotFound } from "#components/ui/states.tsx";

function Frame({ where, when, children }: { where: string; when: string; children: ReactNode }) {
  return (
    <article className="flex min-h-[232px] flex-col overflow-hidden rounded-box border border-line bg-surface">
      <header className="flex h-[34px] flex-none items-center gap-2 border-b border-line px-3.5 text-12 text-text-3">
        <b className="font-medium text-text-2">{where}</b>
        {when}
      </header>
      <div className="grid min-h-0 flex-1 grid-cols-1">{children}</div>
    </article>
  );
}

function Row({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="mt-4 mb-3 text-16 font-semibold">{title}</h2>
      <div className="grid grid-cols-3 gap-5 max-rail:grid-cols-2 max-rail:gap-4 max-thumb:grid-cols-1">{children}</div>
    </section>
  );
}

export function EmptyParts() {
  return (
    <Row title="Empty">
      <Frame where="Matrix" when="no clients">
        <Empty as="h3" art={<GridArt />} title="Connect your first client" actions={<><Button tone="ink">Connect a client</Button><Button>Bring a CSV</Button></>}>
          One tap by them, one by you. You will see who reaches what, and read nothing yourself.
        </Empty>
      </Frame>
      <Frame where="Audit" when="no match">
        <Empty
          as="h3"
          art={
            <div className="flex flex-wrap gap-1.5">
              <Chip qualifier="client">acme</Chip>
              <Chip qualifier="outcome" blamed>
                failed
              </Chip>
              <Chip qualifier="since">7d</Chip>
            </div>
          }
          title="Nothing matches all three"
          actions={<><Button>Drop that one</Button><Button tone="quiet">Clear all</Button></>}
        >
          0 of 65,702 events. Without <span className="mono">outcome:failed</span> there are 4,118.
        </Empty>
      </Frame>
      <Frame where="Plans" when="nothing waits">
        <Empty as="h3" art={<ChangePath at={null} />} title="Nothing waits for your tap" actions={<Button keys={<Keys of={["G", "M"]} on="fill" />}>Go to the matrix</Button>}>
          Change a cell in the matrix and it comes here to be read and signed. Nothing you try is live before that.
        </Empty>
      </Frame>
    </Row>
  );
}

export function LoadingParts() {
  return (
    <Row title="Loading">
      <Frame where="Clients" when="first page">
        <LoadingRows what="clients" rows={6} widths={["minmax(0,1fr)", "40px", "60px"]} />
      </Frame>
      <Frame where="Audit" when="next page">
        <LoadingRows what="events" rows={6} widths={["78px", "14px", "minmax(0,1fr)", "92px"]} />
      </Frame>
      <Frame where="Plans" when="a long job has its own address">
        <div className="px-7 py-6">
          <Progress label="Reading all vaults" large noun="vaults read" total={1000} perSecond={38} parts={[{ state: "moving", count: 412 }]} footer="about 15 s left. You may close this tab." />
          <div className="mt-3.5 flex gap-2">
            <Button>Stop</Button>
            <Button tone="quiet" icon={<Copy aria-hidden />}>
              Copy the address
            </Button>
          </div>
        </div>
      </Frame>
    </Row>
  );
}

export function WrongParts() {
  return (
    <Row title="Wrong">
      <Frame where="Client" when="a vault is silent">
        <Failure
          as="h3"
          state="moving"
          failure={{ code: "vault_silent", title: "Umber Street Studios does not answer", detail: "Nobody’s access changed. What you see is 65 minutes old.", remedy: "Go on staging; it waits for them." }}
          facts={[{ label: "Since", value: "12:57:40, 196 tries" }]}
          actions={<><Button>Ask again now</Button><Button>Call their admin</Button></>}
        />
      </Frame>
      <Frame where="Plan" when="stale">
        <Failure
          as="h3"
          state="attention"
          failure={{ code: "plan_stale", title: "The matrix moved after this plan was frozen", detail: "3 of 44 vaults changed meanwhile. Nothing was sent, your tap was not used.", remedy: "Plan again; your staged changes are kept." }}
          facts={[{ label: "Moved", value: "Saltmarsh, Redcastle, Oakmere" }]}
          actions={<><Button tone="ink">Plan again</Button><Button>See what moved</Button></>}
        />
      </Frame>
      <Frame where="Tap" when="refused">
        <Failure
          as="h3"
          failure={{ code: "wrong_origin", title: "Your key answered for another address", detail: "It was enrolled for another site than the one in your address bar. Nothing was signed and nothing was sent.", remedy: "Check the address, then tap again.", id: "err_8Kq2vT" }}
          actions={<Button>Try again</Button>}
        />
      </Frame>
      <Frame where="Everywhere" when="no such thing">
        <NotFound what="client" as="h3" actions={<Button>Go to all clients</Button>} />
      </Frame>
      <Frame where="Everywhere" when="not for this role">
        <Forbidden as="h3" actions={<Button>Ask for it</Button>} />
      </Frame>
      <Frame where="Audit" when="chain broken">
        <Failure
          as="h3"
          failure={{ code: "chain_broken", title: "The log of Calloway Freight breaks at 8,204", detail: "Its hash does not follow from 8,203. Somebody changed the log, or the vault was replaced.", remedy: "Open an incident; all grants there are frozen." }}
          facts={[{ label: "Window", value: "03:11:08 to 03:14:52" }]}
          actions={<><Button tone="danger">Open incident</Button><Button>Show both hashes</Button></>}
        />
      </Frame>
    </Row>
  );
}

/** The matrix with nothing in it and one cell to begin with. */
function GridArt() {
  return (
    <svg aria-hidden viewBox="0 0 280 80" className="h-20 w-[280px] max-w-full">
      <path d="M0 20.500H280M0 40.500H280M0 60.500H280M0 79.500H280M122.500 0V80M148.500 0V80M174.500 0V80M200.500 0V80M226.500 0V80M252.500 0V80M279.500 0V80" stroke="var(--line)" />
      <path d="M96.500 0V80" stroke="var(--line-strong)" />
      <rect x="99" y="23" width="20" height="15" rx="3" fill="none" stroke="var(--accent)" strokeDasharray="3 2" />
      <path d="M105.500 30.500h7M109 27v7" stroke="var(--accent-text)" strokeWidth="1.5" strokeLinecap="round" />
    </svg>
  );
}
