// Looks at the sound of every call of this page once a second, and keeps with the call how it was.

import { everySecond } from "./clock.js"
import { ask } from "./page.js"
import { phone } from "./phone.js"
import { Quality } from "./quality.js"

const heard = new Map() // JsSIP's session -> Quality

/** Of a call of this page; undefined before it is answered, or when the phone is elsewhere. */
export const qualityOf = (callId) => heard.get(phone.sessions.get(callId))

everySecond(() => {
  for (const [callId, session] of phone.sessions) {
    if (!session.isEstablished() || !session.connection) continue
    if (!heard.has(session)) begin(callId, session)
    const state = { muted: session.isMuted().audio, held: session.isOnHold().local || session.isOnHold().remote }
    heard.get(session).look(session.connection, state).catch(() => {}) // closed just now
  }
})

function begin(callId, session) {
  heard.set(session, new Quality())
  session.on("ended", () => keep(callId, session))
}

function keep(callId, session) {
  const figures = heard.get(session)?.sum()
  heard.delete(session)
  if (!figures) return
  ask(`/api/v1/calls/${encodeURIComponent(callId)}/quality`, { method: "PUT", json: figures }).catch(() => {}) // only figures
}
