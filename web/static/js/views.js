// What the phone shows: one view out of what the service, the phone and the agent say. No drawing here.

import { live } from "./events.js"
import { phone } from "./phone.js"

const NEWS_MS = 2000 // SIP may be faster than /events, which knows the name
const closed = new Set() // failed calls that somebody has looked at
const seen = new Set() // calls of ours that were alive in this page

/** The call the phone is about, and the view: {view, call}. */
export function current() {
  const calls = [...live.calls.values()].reverse()
  for (const call of calls) if (call.mine !== "ended") seen.add(call.call_id)
  const talking = front(calls.filter(({ mine }) => mine === "talking" || mine === "held"))
  if (talking) return { view: within(talking), call: talking }
  const placed = calls.find((call) => call.mine === "placed")
  if (placed) return { view: "calling", call: placed }
  const ringing = calls.find((call) => call.mine === "ringing") ?? unexplained()
  if (ringing) return { view: ringing.view ?? "ringing", call: ringing }
  const wrap = live.me?.wrap_up && live.calls.get(live.me.wrap_up)
  if (wrap) return { view: "wrap", call: wrap }
  const failed = calls.find(isNews)
  if (failed) return { view: "failed", call: failed }
  return { view: idle(), call: null }
}

export function close(callId) {
  closed.add(callId)
}

function idle() {
  if (!live.me) return "registering"
  if (phone.state === "none") return "none"
  if (phone.state !== "ready" && phone.state !== "taken") return phone.state
  if (!live.connected || !live.me.exchange) return "offline"
  if (phone.state === "taken") return "taken"
  if (live.me.phone === "unreachable") return "registering" // the exchange has yet to say so to the service
  return live.me.state === "break" ? "break" : "ready"
}

// Of two calls the one that somebody has chosen, or else the one that is heard here, or else one that is not held.
const front = (calls) =>
  calls.find(({ call_id }) => call_id === phone.front) ??
  calls.find(({ call_id }) => phone.talksIn(call_id) && !phone.isHeld(call_id)) ??
  calls.find((call) => !held(call)) ?? calls[0]

function within(call) {
  const mine = live.me?.extension
  if (call.waits_for === mine && !phone.talksIn(call.call_id)) return call.ringing.includes(mine) && !phone.returns(call.call_id) ? "ringing" : "reconnecting"
  if (call.consult?.by === mine) return "consult"
  if (call.conference) return "conference"
  return held(call) ? "hold" : "talking"
}

// Whoever is asked talks, while the call is on hold for its customer: our own phone knows best.
const held = ({ call_id, state }) => (phone.talksIn(call_id) ? phone.isHeld(call_id) : state === "held")

const isNews = (call) =>
  call.mine === "ended" && call.placed_by === live.me?.extension && call.result !== "answered" &&
  seen.has(call.call_id) && !closed.has(call.call_id)

// Our phone has a call that /events does not speak of: the service may be away, the call is still there.
function unexplained() {
  for (const [call_id, session] of phone.sessions) {
    const known = live.calls.get(call_id)
    if (session.isEnded() || session.listens || (known && live.connected && known.mine === "ended")) continue
    if (known && live.connected) continue
    const { number, name, at } = session.caller
    if (live.connected && Date.now() - Date.parse(at) < NEWS_MS) continue // who it is will be said in a moment
    const view = session.isEstablished() ? (phone.isHeld(call_id) ? "hold" : "talking") : "ringing"
    return {
      call_id, view, number, shown: number, caller_name: name, customer: null, direction: "inbound", state: "ringing",
      queue_title: "", did_shown: "", agents: [], ringing: [], started_at: at, answered_at: at, mine: view === "ringing" ? "ringing" : "talking",
    }
  }
  return null
}
