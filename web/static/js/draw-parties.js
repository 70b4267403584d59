// The views of a call with others in it: asking somebody, three together, and the way back to a call.

import { initials } from "./clock.js"
import { live } from "./events.js"
import { phone } from "./phone.js"
import { text } from "./draw.js"
import { _ } from "./words.js"

export function drawConsult(root, { consult }, dock) {
  const { name, state } = consult
  const talking = state === "talking"
  text(dock, "title", _("Asking {name}", { name }))
  text(root, "asked", name)
  root.querySelector("[data-part=asked-avatar]").textContent = /\p{L}/u.test(name) ? initials(name) : "☎"
  text(root, "asked-state", talking ? _("You are talking") : _("It rings there…"))
  for (const wish of ["hand-over", "join"]) root.querySelector(`[data-do=${wish}]`).disabled = !talking
  drawMute(root)
}

export function drawConference(root, call) {
  const others = [...new Set([...call.agents, ...call.talking])].filter((extension) => extension !== live.me.extension)
  text(root, "others", others.length ? _("with the customer and ext. {number}", { number: others.join(", ") }) : _("with the customer and another number"))
  drawMute(root)
}

/** Above the call: the leads who are with its agent, as far as the company says so. */
export function drawLeads(dock, call) {
  const leads = live.heard.filter(({ call_id }) => call_id === call?.call_id)
  dock.querySelector("[data-part=leads]").hidden = leads.length === 0
  text(dock, "leads-text", leads.map(({ by, way }) => LEAD_WORDS[way](by)).join(" "))
}

const LEAD_WORDS = {
  listen: (name) => _("{name} is listening.", { name }),
  whisper: (name) => _("{name} speaks to you; the customer does not hear it.", { name }),
  join: (name) => _("{name} talks with you both.", { name }),
}

export function drawReconnecting(root) {
  const elsewhere = phone.state === "taken"
  root.querySelector("[data-do=take-over]").hidden = !elsewhere
  root.querySelector("[data-do=retry]").hidden = elsewhere
  text(root, "why", elsewhere
    ? _("The phone is used in another window: the call comes back there.")
    : phone.state === "blocked" ? phone.why : _("The customer hears music. You talk on as soon as the phone is connected; nothing is lost."))
}

/** What stands in a ringing call that does not simply come in: it comes back, or a colleague asks. */
export function ringingWords(call) {
  const mine = live.me?.extension
  if (call.consult?.target === mine) return _("A colleague (ext. {number}) asks you; the customer waits.", { number: call.consult.by })
  if (call.waits_for === mine || call.agents.includes(mine)) return _("Comes back to you: nobody answered.")
  if (call.agents.length) return _("Handed over to you by ext. {number}.", { number: call.agents.at(-1) })
  return ""
}

function drawMute(root) {
  const callId = root.closest("phone-dock").call?.call_id
  root.querySelector("[data-do=mute]")?.setAttribute("aria-pressed", String(phone.isMuted(callId)))
}
