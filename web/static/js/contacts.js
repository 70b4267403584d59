// The last contacts with whoever is on the phone: asked for once a call, after its popup is on the screen.

import { _ } from "./words.js"
import { when } from "./clock.js"
import { live } from "./events.js"
import { outcomeName } from "./outcomes.js"
import { ask, icon } from "./page.js"

const SHOWN = 3
const KEPT = 20 // calls
const found = new Map() // call_id -> calls, newest first; empty while they are asked for

/** Write them below the call; `done` is called once they have come. */
export function drawContacts(root, call, one, done) {
  const box = root.querySelector("[data-part=contacts-box]")
  if (!box) return
  if (!found.has(call.call_id)) find(call).then(done)
  const calls = found.get(call.call_id)
  box.hidden = !calls.length
  const list = box.querySelector("[data-part=contacts]")
  if (list.childElementCount !== calls.length) list.replaceChildren(...calls.map((each) => row(one, each)))
}

async function find({ call_id, customer, number }) {
  found.set(call_id, [])
  for (const old of found.keys()) if (found.size > KEPT) found.delete(old)
  if (!customer && !number) return
  const who = customer ? { customer_id: customer.id } : { number }
  try {
    const page = await ask(`/api/v1/calls?${new URLSearchParams({ ...who, result: "ended", limit: SHOWN })}`)
    found.set(call_id, page.items.filter((each) => each.call_id !== call_id))
  } catch {
    // The call matters more than what was before it.
  }
}

function row(one, call) {
  const line = one.content.cloneNode(true).firstElementChild
  const answered = call.result === "answered"
  const way = call.direction === "inbound" ? "phone-in" : "phone-out"
  line.querySelector("[data-part=icon]").append(icon(answered ? way : "phone-missed", answered ? "t-ok" : "t-bad"))
  line.querySelector("[data-part=what]").textContent = call.note || outcomeName(call.outcome) || became(call)
  line.querySelector("time").textContent = when(call.started_at, live.zone)
  return line
}

function became({ result, direction, user }) {
  if (result === "answered") return user ? _("Talked with {name}", { name: user.name }) : _("Answered")
  return direction === "inbound" ? _("Missed") : _("Not reached")
}
