// The last number that was called out, to call it again: of this person, in this browser.

import { live } from "./events.js"

const STORED = "redial"

/** {number, shown, name, customerId}, or null. */
export function last() {
  try {
    const kept = JSON.parse(localStorage.getItem(STORED))
    return kept?.user === live.me?.user_id ? kept : null
  } catch {
    return null
  }
}

function keep({ number, shown, customer }) {
  const kept = { user: live.me.user_id, number, shown, name: customer?.name ?? "", customerId: customer?.id ?? null }
  localStorage.setItem(STORED, JSON.stringify(kept))
}

live.addEventListener("change", ({ detail }) => {
  if (detail !== "call") return
  const newest = [...live.calls.values()].at(-1)
  if (newest?.number && newest.placed_by === live.me?.extension) keep(newest)
})
