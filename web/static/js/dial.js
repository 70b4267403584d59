// Calling out: numbers made clean, and every [data-call] button of any page.

import { ask, csrf, toast } from "./page.js"
import { live } from "./events.js"
import { phone } from "./phone.js"
import { _ } from "./words.js"

let placing = false

/** Digits, and a + in front: what people paste is full of other things. */
export function cleaned(text) {
  const digits = text.replace(/\(0\)/g, "").replace(/[^\d+*#]/g, "")
  return digits.slice(0, 1) + digits.slice(1).replaceAll("+", "")
}

/** Ask the service for a call; throws what went wrong, in words. */
export async function place({ number, customerId, callbackId }) {
  if (placing) return
  if (phone.state !== "ready" && live.me?.phone === "unreachable") {
    throw new Error(phone.why || _("Your phone is not connected."))
  }
  placing = true
  try {
    const json = number ? { number } : {}
    if (customerId) json.customer_id = Number(customerId)
    if (callbackId) json.callback_id = Number(callbackId)
    await ask("/api/v1/calls", { method: "POST", json })
  } finally {
    placing = false
  }
}

// Of two who call the same missed caller back, one does.
async function taken(missed) {
  if (missed) await ask(`/callbacks/missed/${missed}/claim`, { method: "POST", form: { _csrf: csrf() } })
}

// In the capturing phase: a call button may stand in a row that is a link.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-call]")
  if (!button) return
  event.preventDefault()
  event.stopPropagation()
  const number = cleaned(button.dataset.call || button.dataset.number || "")
  const { customerId, customer, callback: callbackId, missed } = button.dataset
  taken(missed)
    .then(() => place({ number, customerId: customerId ?? customer, callbackId }))
    .catch((error) => toast(error.message, "bad"))
}, true)
