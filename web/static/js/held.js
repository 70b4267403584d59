// How long a customer has been on hold, and the alarm when it has been too long.

import { length } from "./clock.js"
import { ask } from "./page.js"
import { alarm } from "./ring.js"
import { _ } from "./words.js"

const AGAIN = 10 // seconds between two sounds

const since = new Map() // call_id -> milliseconds
let limit = 60 // seconds; 0: no alarm

/** The company's own limit. Without it the usual one holds. */
export const load = () => ask("/api/v1/me/calling").then(({ hold_alarm_s }) => (limit = hold_alarm_s), () => {})

export function holds(callId) {
  if (!since.has(callId)) since.set(callId, Date.now())
}

export const continues = (callId) => since.delete(callId)

/** Seconds since the customer was put on hold; 0 when they are not. */
export const heldFor = (callId) => (Date.now() - (since.get(callId) ?? Date.now())) / 1000

export const isLate = (callId) => limit > 0 && heldFor(callId) >= limit

/** Every second while a call is on hold: sounds at the limit and again after a while; what to say about it. */
export function watch(callId) {
  if (!isLate(callId)) return ""
  if (Math.floor(heldFor(callId) - limit) % AGAIN === 0) alarm()
  return _("On hold for longer than {length}. Say a word to the customer.", { length: length(limit) })
}
