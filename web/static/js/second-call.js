// A second call beside the one that the phone shows: it knocks softly, is answered or declined, and swapped.

import { length } from "./clock.js"
import { nameOf, numberOf, text } from "./draw.js"
import { live } from "./events.js"
import { heldFor, holds, watch } from "./held.js"
import { phone } from "./phone.js"
import { knock } from "./ring.js"
import { _ } from "./words.js"

const AGAIN = 4 // seconds between two knocks

/** {call, state} of the other call of this phone, "ringing" or "held"; null when there is none. */
export function second(front) {
  for (const [callId, session] of phone.sessions) {
    const call = live.calls.get(callId)
    if (callId === front?.call_id || !call || call.mine === "listening" || session.isEnded()) continue
    return { call, state: session.isEstablished() ? "held" : "ringing" }
  }
  return null
}

export const secondCall = (dock) => ({
  "answer-second": () => other(dock, "ringing", (callId) => phone.answerSecond(dock.call.call_id, callId)),
  "decline-second": () => other(dock, "ringing", (callId) => phone.decline(callId)),
  swap: () => other(dock, "held", (callId) => phone.swap(dock.call.call_id, callId)),
})

function other(dock, state, act) {
  const found = second(dock.call)
  if (found?.state === state) act(found.call.call_id)
}

let knocked = 0

/** Every second: draws it, and knocks while it rings. Nothing to see while the call itself rings. */
export function drawSecond(dock) {
  const found = dock.view === "ringing" ? null : second(dock.call)
  const place = dock.querySelector("[data-part=second]")
  place.hidden = !found
  if (!found) return (knocked = 0)
  const { call, state } = found
  const rings = state === "ringing"
  text(place, "second-name", [nameOf(call), numberOf(call)].filter(Boolean).join(" · "))
  if (!rings) holds(call.call_id)
  place.toggleAttribute("data-late", !rings && Boolean(watch(call.call_id)))
  text(place, "second-what", !rings ? `${_("Held")} ${length(heldFor(call.call_id))}` : call.consult ? _("A colleague asks") : _("Comes to you"))
  place.dataset.state = state
  for (const wish of ["answer-second", "decline-second"]) place.querySelector(`[data-do=${wish}]`).hidden = !rings
  place.querySelector("[data-do=swap]").hidden = rings
  if (rings && knocked++ % AGAIN === 0) knock()
}
