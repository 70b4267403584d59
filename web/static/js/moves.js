// What one does with the others in a call: ask somebody, hand over, talk in three, come back, pause the recording.

import { ask, toast } from "./page.js"

async function move(callId, what, json) {
  try {
    await ask(`/api/v1/calls/${encodeURIComponent(callId)}/${what}`, { method: "POST", json })
    return true
  } catch (error) {
    toast(error.message, "bad")
    return false
  }
}

/** `target`: {kind: "colleague", "queue" or "number", to}. What comes of each is told by /events; false: refused, and said. */
export const transfer = (callId, target) => move(callId, "transfer", target)
export const consult = (callId, target) => move(callId, "consult", target)

/** The wishes of the dock's buttons and keys about the call that it shows. */
export const moves = (dock) => ({
  "hand-over": () => move(dock.call.call_id, "consult/complete"),
  join: () => move(dock.call.call_id, "consult/join"),
  back: () => move(dock.call.call_id, "consult/back"),
  record: () => move(dock.call.call_id, "recording", { paused: !dock.call.paused }),
})
