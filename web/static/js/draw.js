// Writes what is known into the views of the phone. Text only; the markup is in the page's templates.

import { breaks, breakWords, limitWords, rungWords } from "./agent-state.js"
import { why } from "./cause.js"
import { initials, length, timeOfDay, when } from "./clock.js"
import { drawContacts } from "./contacts.js"
import { drawConference, drawConsult, drawReconnecting, ringingWords } from "./draw-parties.js"
import { live } from "./events.js"
import { continues, heldFor, holds } from "./held.js"
import { clashOf, isDirty, noteOf, outcomeOf, savedWords } from "./note.js"
import { outcomeName } from "./outcomes.js"
import { icon } from "./page.js"
import { phone } from "./phone.js"
import { last } from "./redial.js"
import { lastCheck } from "./sound-check.js"
import { _, _n } from "./words.js"

const rungSince = new Map()

export const nameOf = (call) => call.customer?.name ?? (call.number ? _("Unknown") : _("Number withheld"))
export const numberOf = (call) => call.shown || call.number || "" // of a withheld one the name says so

const part = (root, name) => root.querySelector(`[data-part="${name}"]`)

export function text(root, name, words) {
  const place = part(root, name)
  if (place && place.textContent !== words) place.textContent = words
}

const drawn = {
  offline: drawOffline,
  registering: drawRegistering,
  blocked: (root) => text(root, "why", phone.why),
  ready: drawReady,
  ringing: drawRinging,
  calling: drawCalling,
  failed: drawFailed,
  talking: drawTalking,
  hold: drawTalking,
  consult: drawConsult,
  conference: drawConference,
  reconnecting: drawReconnecting,
  transfer: (root, _call, dock) => dock.transfer.draw(root),
  wrap: drawWrap,
  break: drawBreak,
}

export function draw(view, root, call, dock) {
  drawAway(call, dock)
  if (call) drawPeer(root, call)
  if (call && part(root, "note")) drawNote(root, call)
  if (call) drawContacts(root, call, dock.querySelector("template[data-row=contact]"), () => dock.render())
  drawn[view]?.(root, call, dock)
}

/** What counts by the second: [part, words] of this view. */
export function counting(view, call) {
  if (view === "offline" || view === "registering") return [["since", length(live.since(phone.since))]]
  if (view === "ringing") return [["since", length(since(rungSince, call.call_id))], ["waiting", length(live.since(call.started_at))]]
  if (view === "calling") return [["since", length(live.since(call.started_at))]]
  if (view === "talking" || view === "consult" || view === "conference" || view === "transfer") return [["timer", length(live.since(call.answered_at ?? call.started_at))]]
  if (view === "hold") return [["since", length(heldFor(call.call_id))], ["timer", length(live.since(call.answered_at ?? call.started_at))]]
  if (view === "break") return [["timer", length(live.since(live.me.since))], ["limit", limitWords(live.me)]]
  return []
}

/** Count from now on: this call rings, or is held, since this moment. */
export function begin(view, callId) {
  if (view === "ringing" && !rungSince.has(callId)) rungSince.set(callId, Date.now())
  if (view === "hold") holds(callId)
  else continues(callId)
}

const since = (begun, callId) => (Date.now() - (begun.get(callId) ?? Date.now())) / 1000

function drawPeer(root, call) {
  const known = Boolean(call.customer)
  const avatar = part(root, "avatar")
  avatar.classList.toggle("avatar--n", !known)
  if (known) avatar.textContent = initials(call.customer.name)
  else if (!avatar.querySelector("svg")) avatar.replaceChildren(icon(call.direction === "outbound" ? "phone-out" : "phone-in"))
  text(root, "name", nameOf(call))
  text(root, "number", numberOf(call))
  const stranger = call.caller_name || (call.number ? _("Not in the list of customers") : "")
  text(root, "company", known ? call.customer.company : stranger)
  const open = part(root, "open")
  const add = part(root, "new")
  if (open) {
    open.hidden = !known
    if (known) open.href = `/customers/${call.customer.id}`
  }
  if (add) {
    add.hidden = known || !call.number
    add.href = `/customers/new?number=${encodeURIComponent(call.number ?? "")}`
    const attach = part(root, "attach")
    attach.hidden = add.hidden
    attach.dataset.attach = call.number ?? ""
  }
}

function drawNote(root, call) {
  const field = part(root, "note")
  const typing = field === document.activeElement && isDirty(call.call_id)
  if (!typing && field.value !== noteOf(call.call_id)) field.value = noteOf(call.call_id)
  text(root, "saved", savedWords(call.call_id))
  const clash = clashOf(call.call_id)
  part(root, "clash").hidden = !clash
  if (clash) text(root, "clash-text", [outcomeName(clash.outcome), clash.note].filter(Boolean).join(": ") || _("(nothing)"))
}

// In a call the call stays on the screen, whatever is away: then this stands above it.
function drawAway(call, dock) {
  const words = !call || !live.me ? "" : !live.connected
    ? _("The service cannot be reached. The page tries again by itself.")
    : live.me.exchange ? "" : _("The exchange does not answer. If you hear nothing any more, the call has ended; your note is kept.")
  part(dock, "away").hidden = !words
  text(dock, "away-text", words)
}

function drawOffline(root) {
  const exchange = live.connected && live.me?.exchange
  text(root, "why", live.connected
    ? (exchange ? phone.why : _("The exchange does not answer. Calls go on by themselves; new ones wait."))
    : _("The service cannot be reached. The page tries again by itself."))
  leg(root, "service", live.connected ? "done" : "bad", live.connected ? _("fine") : _("does not answer"))
  leg(root, "exchange", exchange ? "done" : "bad", exchange ? _("fine") : _("does not answer"))
  root.querySelector("[data-leg=microphone]").hidden = live.me?.rings !== "browser"
  const hears = phone.microphone === "ok"
  leg(root, "microphone", hears ? "done" : "bad", hears ? _("allowed") : phone.microphone)
}

function drawRegistering(root) {
  leg(root, "microphone", phone.microphone === "ok" ? "done" : "now")
  leg(root, "extension", phone.microphone === "ok" ? "now" : "later")
  text(root, "extension", _("Extension {number}", { number: live.me?.extension ?? "" }))
}

function drawReady(root, _call, dock) {
  text(dock, "extension", _("ext. {number}", { number: live.me.extension }))
  part(root, "not-ready").hidden = live.me.state !== "offline"
  drawRedial(root)
  drawChecked(root)
  const rows = live.recent.map((call) => drawRecent(dock, call))
  part(root, "recent-box").hidden = rows.length === 0
  part(root, "recent").replaceChildren(...rows)
}

// Whether the sound was checked before this shift.
function drawChecked(root) {
  const checked = lastCheck()
  const today = checked && when(checked.at, live.zone) === timeOfDay(checked.at, live.zone)
  const words = !today ? _("Check the sound before the shift") : checked.failed.length ? _("The sound needs a look") : _("Sound checked {time}", { time: timeOfDay(checked.at, live.zone) })
  text(root, "checked", words)
  part(root, "checked").parentElement.classList.toggle("t-bad", Boolean(today && checked.failed.length))
}

function drawRedial(root) {
  const before = last()
  const button = root.querySelector("[data-do=redial]")
  button.hidden = !before
  if (!before) return
  button.title = _("Call {name} again (Alt+L)", { name: before.name || before.shown })
  button.setAttribute("aria-label", button.title)
}

function drawRecent(dock, call) {
  const row = dock.querySelector("template[data-row=recent]").content.cloneNode(true).firstElementChild
  const missed = call.result !== "answered"
  const name = call.name || call.shown
  part(row, "icon").append(icon(missed ? "phone-missed" : call.direction === "inbound" ? "phone-in" : "phone-out", missed ? "t-bad" : "t-ok"))
  text(row, "name", name)
  part(row, "name").classList.toggle("tel", !call.name)
  text(row, "time", when(call.started_at, live.zone))
  const button = row.querySelector("[data-call]")
  button.dataset.call = call.number
  if (call.customer_id) button.dataset.customerId = call.customer_id
  button.title = _("Call {name}", { name })
  button.setAttribute("aria-label", button.title)
  return row
}

function drawRinging(root, call) {
  part(root, "avatar").classList.add("ringing")
  text(root, "queue", call.queue_title || "")
  text(root, "did", call.did_shown || "")
  const owner = call.customer?.owner ?? "" // a stranger has no line for it
  text(root, "owner", call.customer?.owner_id === live.me?.user_id ? _("{name} (you)", { name: owner }) : owner)
  const words = ringingWords(call)
  part(root, "how").hidden = !words
  text(root, "how-text", words)
  drawOpen(root, call.open)
  const here = phone.rings || phone.has(call.call_id)
  root.querySelector(".duo").hidden = !here
  part(root, "elsewhere").hidden = here
  text(root, "elsewhere", live.me?.rings === "desk" ? _("Answer at your desk phone.")
    : live.me?.rings === "mobile" ? _("Answer your mobile phone and press 1.") : _("Answer at your phone or in the window that has the phone."))
}

// What the customer waits for: they were not reached, or asked to be called back.
function drawOpen(root, open) {
  part(root, "open-box").hidden = !open
  if (!open) return
  const about = { time: open.at && when(open.at, live.zone), name: open.by }
  const asked = !open.at ? "" : open.by ? _("Asked to be called back at {time} by {name}", about) : _("Asked to be called back at {time} by anyone", about)
  text(root, "asked", [asked, open.purpose].filter(Boolean).join(": "))
  const about_place = { time: open.waits_since && when(open.waits_since, live.zone), name: open.queue }
  text(root, "place", open.waits_since ? _("Hung up and keeps a place in {name} since {time}.", about_place) : "")
  text(root, "missed", open.missed && !open.waits_since ? _n("{n} missed call has not been called back.", "{n} missed calls have not been called back.", open.missed) : "")
}

function drawCalling(root, call) {
  drawOpen(root, call.open)
  const mine = call.state === "calling_agent"
  leg(root, "mine", mine ? "now" : "done")
  text(root, "leg-mine", mine ? _("Calling your phone") : _("Your phone is ready"))
  leg(root, "theirs", mine ? "later" : "now")
  text(root, "leg-theirs", call.state === "remote_ringing" ? _("Their phone is ringing") : _("Calling their phone"))
  leg(root, "talk", "later")
}

function drawTalking(root, call) {
  const here = phone.has(call.call_id)
  const page = live.me?.rings === "browser" // another phone has keys of its own for these
  for (const button of root.querySelectorAll(".ctl:is([data-do=mute], [data-do=hold], [data-do=keypad])")) button.hidden = !page
  for (const button of root.querySelectorAll("[data-do=hold]")) button.disabled = !here
  for (const button of root.querySelectorAll("[data-do=mute], [data-do=keypad]")) button.disabled = !here || phone.isHeld(call.call_id)
  root.querySelector(".ctl[data-do=hold]").setAttribute("aria-pressed", String(phone.isHeld(call.call_id)))
  const elsewhere = part(root, "elsewhere")
  if (elsewhere) elsewhere.hidden = here || phone.state !== "taken"
  const record = root.querySelector("[data-do=record]")
  record.setAttribute("aria-pressed", String(Boolean(call.paused)))
  record.title = call.paused ? _("Go on recording (Alt+R)") : _("Pause the recording (Alt+R)")
  text(root, "recording", call.paused ? _("Recording paused: nothing is kept") : _("Being recorded"))
  part(root, "recording").previousElementSibling.className = `dot ${call.paused ? "k-warn" : "k-bad"}`
  root.querySelector("[data-do=mute]")?.setAttribute("aria-pressed", String(phone.isMuted(call.call_id)))
}

function drawWrap(root, call) {
  // A call that was handed over goes on without us.
  part(root, "broken").hidden = !call.ended_at || call.ended_by === "customer" || call.ended_by === "agent"
  text(root, "length", _("talked {length}", { length: length(call.talked_s) }))
  drawOutcomes(root, call)
  drawReasons(root, live.me.booked?.reason)
}

function drawFailed(root, call) {
  text(root, "why", why(call))
  drawOutcomes(root, call)
}

function drawOutcomes(root, call) {
  const choice = root.querySelector("outcome-choice")
  choice.queue = call.queue ?? ""
  choice.value = outcomeOf(call.call_id)
  choice.draw()
}

function drawBreak(root, _call, dock) {
  text(dock, "title", _("Break: {reason}", { reason: breakWords(live.me.reason) }))
  text(root, "why", rungWords(live.me) || _("You are on a break"))
  drawReasons(root, live.me.reason)
}

function drawReasons(root, chosen) {
  const select = part(root, "reason")
  const codes = breaks().map((each) => each.code)
  const all = chosen && !codes.includes(chosen) ? [chosen, ...codes] : codes
  const isNew = [...select.options].map((each) => each.value).join() !== all.join()
  if (isNew) select.replaceChildren(...all.map((each) => new Option(breakWords(each), each)))
  if (chosen && (isNew || (live.me.state === "break" && document.activeElement !== select))) select.value = chosen
}

const MARKS = { done: ["check", "t-ok"], bad: ["x", "t-bad"], later: ["clock", ""] }

/** One of several steps: done, bad, now or later. */
export function leg(root, name, state, words) {
  const row = root.querySelector(`[data-leg="${name}"]`)
  if (row.dataset.state !== state) {
    const spin = document.createElement("span")
    spin.className = "spin spin--s"
    row.firstElementChild.replaceWith(state === "now" ? spin : icon(...MARKS[state]))
    row.classList.toggle("mut", state === "later")
    row.dataset.state = state
  }
  if (words !== undefined) text(row, `leg-${name}`, words)
}
