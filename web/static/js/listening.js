// Looks at the sound of every call of this page once a second, and keeps with the call how it was: every half minute, at
// its end, and when the page is left, since the call may go on in another one. The service puts the parts together.

import { everySecond } from "./clock.js"
import { live } from "./events.js"
import { ask } from "./page.js"
import { phone } from "./phone.js"
import { Quality } from "./quality.js"

const OFTEN = 30 // seconds: a crash costs no more
const heard = new Map() // JsSIP's session -> Quality

/** Of a call of this page; undefined before it is answered, or when the phone is elsewhere. */
export const qualityOf = (callId) => heard.get(phone.sessions.get(callId))

everySecond(() => {
  for (const [callId, session] of phone.sessions) {
    if (!session.isEstablished() || !session.connection || onlyListens(callId, session)) continue
    if (!heard.has(session)) begin(callId, session)
    const state = { muted: session.isMuted().audio, held: session.isOnHold().local || session.isOnHold().remote }
    const quality = heard.get(session)
    quality.look(session.connection, state).catch(() => {}) // closed just now
    if (Date.now() - quality.keptAt >= OFTEN * 1000) keep(quality)
  }
})

addEventListener("pagehide", () => heard.forEach((quality) => keep(quality, true)))

// How a lead heard the call says nothing of it, and would tell its agent that somebody listened.
const onlyListens = (callId, { listens }) => listens && !live.calls.get(callId)?.agents.includes(live.me.extension)

function begin(callId, session) {
  heard.set(session, Object.assign(new Quality(), { callId, part: crypto.randomUUID(), keptAt: Date.now() }))
  session.on("ended", () => {
    keep(heard.get(session))
    heard.delete(session)
  })
}

// Only figures: nobody is told when they do not arrive.
function keep(quality, keepalive = false) {
  const figures = quality.sum()
  quality.keptAt = Date.now()
  if (!figures) return
  const json = { ...figures, part: quality.part }
  ask(`/api/v1/calls/${encodeURIComponent(quality.callId)}/quality`, { method: "PUT", json, keepalive }).catch(() => {})
}
