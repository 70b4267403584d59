// The note of a call saves itself: from the first second, and also when the page is left.

import { ask, csrf } from "./page.js"
import { timeOfDay } from "./clock.js"
import { live } from "./events.js"
import { _ } from "./words.js"

const PAUSE = 700 // milliseconds without a key until it is saved

const drafts = new Map() // call_id -> {note, outcome, saved, dirty}
let timer

const draftOf = (callId) => {
  if (!drafts.has(callId)) drafts.set(callId, { note: "", outcome: null, saved: "", dirty: false })
  return drafts.get(callId)
}

export const noteOf = (callId) => draftOf(callId).note
export const outcomeOf = (callId) => draftOf(callId).outcome
export const savedWords = (callId) => draftOf(callId).saved

/** After a reload: what was saved before, unless somebody has typed meanwhile. */
export async function recall(callId) {
  if (drafts.has(callId)) return
  const draft = draftOf(callId)
  try {
    const call = await ask(`/api/v1/calls/${encodeURIComponent(callId)}`)
    if (draft.dirty) return
    draft.note = call.note ?? ""
    draft.outcome = call.outcome ?? null
  } catch {
    // Not written down yet: then there is no note either.
  }
}

export function write(callId, change, done) {
  Object.assign(draftOf(callId), change, { dirty: true })
  clearTimeout(timer)
  timer = setTimeout(() => save(callId).catch(() => {}).finally(done), PAUSE)
}

/** Save now; throws what went wrong, in words. */
export async function save(callId) {
  const draft = draftOf(callId)
  clearTimeout(timer)
  const { note, outcome } = draft
  try {
    await ask(address(callId), { method: "PUT", json: { note, outcome } })
  } catch (error) {
    draft.saved = `· ${_("not saved: {why}", { why: error.message })}`
    throw error
  }
  if (draft.note === note && draft.outcome === outcome) draft.dirty = false
  draft.saved = `· ${_("saved {time}", { time: timeOfDay(new Date(), live.zone) })}`
}

const address = (callId) => `/api/v1/calls/${encodeURIComponent(callId)}/note`

addEventListener("pagehide", () => {
  for (const [callId, { note, outcome, dirty }] of drafts) {
    if (!dirty) continue
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf() }
    fetch(address(callId), { method: "PUT", headers, body: JSON.stringify({ note, outcome }), keepalive: true })
  }
})
