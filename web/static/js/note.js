// The note of a call saves itself: from the first ring on, and also when the page is left. What another window has
// written meanwhile is shown, never overwritten.

import { ask, csrf } from "./page.js"
import { timeOfDay } from "./clock.js"
import { live } from "./events.js"
import { _ } from "./words.js"

const PAUSE = 700 // milliseconds without a key until it is saved
const AGAIN = 5000 // and after a failure
const TRIES = 60
const CONFLICT = 409

const drafts = new Map() // call_id -> {note, outcome, version, status, saved, dirty, clash, saving, sent, timer, tries, asked}

const draftOf = (callId) => {
  if (!drafts.has(callId)) drafts.set(callId, { note: "", outcome: null, version: 0, saved: "", dirty: false, clash: null })
  return drafts.get(callId)
}

export const noteOf = (callId) => draftOf(callId).note
export const outcomeOf = (callId) => draftOf(callId).outcome
export const savedWords = (callId) => draftOf(callId).saved
export const clashOf = (callId) => draftOf(callId).clash
export const isDirty = (callId) => drafts.get(callId)?.dirty ?? false

/** What was saved before this page knew the call, unless somebody has typed meanwhile. */
export async function recall(callId) {
  const draft = draftOf(callId)
  if (draft.asked) return
  draft.asked = true
  try {
    const found = await now(callId)
    if (found.version > draft.version) meet(draft, found)
  } catch {
    // Not written down yet: then there is no note either.
  }
}

export function write(callId, change, done) {
  const draft = Object.assign(draftOf(callId), change, { dirty: true })
  later(callId, draft, PAUSE, done)
}

/** The status that the customer is to have, once the note is saved for good: {customer_id, status_id}; null: as it is. */
export function choose(callId, status) {
  draftOf(callId).status = status
}

function later(callId, draft, pause, done) {
  clearTimeout(draft.timer)
  draft.timer = setTimeout(() => {
    save(callId, {}, null).then(() => (draft.tries = 0), (error) => mayPass(error, draft) && later(callId, draft, AGAIN, done)).finally(done)
  }, pause)
}

// The network may come back, a call may be written down in a moment (404); what is refused stays so.
const mayPass = ({ status = 0 }, draft) => (status === 0 || status === 404 || status >= 500) && (draft.tries = (draft.tries ?? 0) + 1) < TRIES

/** Save now; throws what went wrong, in words. `more`: {done, next, reason} ends the wrap-up with it. `status`: the
 * customer's, not yet while somebody types. One at a time: two on the way at once would each be the other's "other window". */
export function save(callId, more = {}, status = draftOf(callId).status) {
  const draft = draftOf(callId)
  clearTimeout(draft.timer)
  const before = draft.saving ?? Promise.resolve()
  return (draft.saving = before.catch(() => {}).then(() => put(callId, draft, more, status)))
}

async function put(callId, draft, more, status) {
  if (draft.clash) throw Object.assign(new Error(_("Another window has changed this note. Choose which one stays.")), { status: CONFLICT })
  const { note, outcome, version } = draft
  let kept
  draft.sent = { note: note.trim(), outcome }
  try {
    kept = await ask(address(callId), { method: "PUT", json: { note, outcome, version, ...withStatus(status), ...more } })
  } catch (error) {
    if (error.status === CONFLICT) await clash(callId, draft)
    draft.saved = `· ${_("not saved: {why}", { why: error.message })}`
    throw error
  } finally {
    draft.sent = null
  }
  draft.version = Math.max(draft.version, kept.version)
  if (draft.note === note && draft.outcome === outcome) draft.dirty = false
  if (draft.status === status) draft.status = null
  draft.saved = `· ${_("saved {time}", { time: timeOfDay(new Date(), live.zone) })}`
  return kept
}

/** Save what is not saved yet, if anything. */
export async function flush(callId) {
  if (isDirty(callId) || drafts.get(callId)?.status) await save(callId)
}

/** Of two versions keep this window's, or take the other one's. */
export function settle(callId, mine) {
  const draft = draftOf(callId)
  const { note, outcome, version } = draft.clash
  Object.assign(draft, { version, clash: null, saved: "" }, mine ? {} : { note, outcome, dirty: false })
  return mine ? save(callId) : Promise.resolve()
}

const withStatus = (status) => (status ? { customer_status: status } : {})

async function now(callId) {
  const { note, outcome, note_version: version, noted_by: by } = await ask(`/api/v1/calls/${encodeURIComponent(callId)}`)
  return { note: note ?? "", outcome: outcome ?? null, version, by: by?.name ?? "" }
}

async function clash(callId, draft) {
  try {
    meet(draft, await now(callId))
  } catch {
    // It stays as it is here, and is not saved; the next attempt asks again.
  }
}

// Somebody else's version has come to light: taken over where nothing was typed, else shown beside.
function meet(draft, other) {
  const same = draft.note.trim() === other.note && draft.outcome === other.outcome
  if (same || !draft.dirty) Object.assign(draft, { note: same ? draft.note : other.note, outcome: other.outcome, version: other.version, clash: null })
  else if (other.version !== draft.version) draft.clash = other
}

live.addEventListener("noted", ({ detail }) => {
  const draft = drafts.get(detail.call_id)
  if (!draft || detail.version <= draft.version) return
  const ours = draft.sent?.note === detail.note && draft.sent.outcome === detail.outcome
  if (ours) draft.version = detail.version // the answer is on its way, and one may have typed on
  else meet(draft, detail)
})

const address = (callId) => `/api/v1/calls/${encodeURIComponent(callId)}/note`

addEventListener("pagehide", () => {
  for (const [callId, { note, outcome, version, status, dirty, clash: open }] of drafts) {
    if ((!dirty && !status) || open) continue
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf() }
    fetch(address(callId), { method: "PUT", headers, body: JSON.stringify({ note, outcome, version, ...withStatus(status) }), keepalive: true })
  }
})
