// Pages that show calls draw themselves anew when a call ends or its recording can be played.

import { live } from "./events.js"
import { redraw } from "./page.js"

const PAPER_MS = 600 // the call's row is written a moment after its end is told
const ended = new Set()
let timer = null

live.addEventListener("change", ({ detail }) => {
  if (detail === "recording" || (detail === "call" && news())) {
    clearTimeout(timer)
    timer = setTimeout(renew, PAPER_MS)
  }
})

function news() {
  const before = ended.size
  for (const call of live.calls.values()) if (call.mine === "ended") ended.add(call.call_id)
  return ended.size > before
}

function renew() {
  const page = document.querySelector("#page [data-fresh]")
  const busy = page?.querySelector("input:focus, textarea:focus, select:focus, [data-playing], [data-begun], [data-note-form]:not([hidden]), tr.open, tbody input:checked, dialog[open]")
  if (!page || busy) return
  redraw("[data-fresh]")
}
