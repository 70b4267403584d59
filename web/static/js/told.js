// What team leads are told on every page (alerts of their queues), and what their people are told by them.
// late.js fetches this with the first of it, and passes on what /events says.

import { stateWords } from "./agent-state.js"
import { length, when } from "./clock.js"
import { live } from "./events.js"
import { ask, icon, toast } from "./page.js"
import { _ } from "./words.js"

// `first`: of that type, since the page is there.
export function hear(type, detail, first) {
  if (type === "alarms") return alarms(detail, first)
  if (type === "trunks") return trunks(detail)
  if (type === "messages") return document.querySelector("team-messages").draw(detail.messages)
  if (detail.what === "message-read") return read(detail)
  if (detail.what === "taken-over") return toast(_("{name} has taken the call over from you.", { name: detail.by }))
  toast(_("{name} has set your state: {state}", { name: detail.by, state: stateWords(detail.state, detail.reason) }), "bad")
}

// ---------------------------------------------------------------------- messages

const MOST = 3 // cards at once

class TeamMessages extends HTMLElement {
  #cards = new Map() // id -> element

  connectedCallback() {
    this.addEventListener("click", ({ target }) => target.closest("[data-read]") && this.#read(target.closest("article")))
  }

  draw(messages = []) {
    const ids = new Set(messages.map((each) => each.id))
    for (const [id, card] of this.#cards) {
      if (ids.has(id)) continue
      card.remove()
      this.#cards.delete(id)
    }
    const more = this.querySelector(".told__more")
    for (const each of messages) if (!this.#cards.has(each.id)) more.before(this.#new(each))
    messages.forEach((each, place) => (this.#cards.get(each.id).hidden = place >= MOST))
    more.hidden = messages.length <= MOST
    more.textContent = _("{n} more messages", { n: messages.length - MOST })
  }

  #new({ id, at, by, text, to_all: toAll }) {
    const card = document.getElementById("team-message").content.cloneNode(true).firstElementChild
    const part = (name) => card.querySelector(`[data-part=${name}]`)
    card.dataset.id = id
    part("by").textContent = by
    part("at").textContent = when(at, live.zone)
    part("text").textContent = text
    part("to-all").hidden = !toAll
    this.#cards.set(id, card)
    if (document.hidden && window.Notification?.permission === "granted") {
      const note = new Notification(by, { body: text, tag: `message-${id}` })
      note.onclick = () => window.focus()
    }
    return card
  }

  async #read(card) {
    const button = card.querySelector("[data-read]")
    button.disabled = true
    try {
      await ask(`/messages/${card.dataset.id}/read`, { method: "POST" })
    } catch (error) {
      button.disabled = false
      toast(error.message, "bad")
    }
  }
}

customElements.define("team-messages", TeamMessages)

// Where the sender looks at what they have sent.
function read({ message_id: id, user_id: userId, at }) {
  const message = document.querySelector(`#page [data-message="${id}"]`)
  const reader = message?.querySelector(`[data-reader="${userId}"]`)
  if (!reader || reader.hasAttribute("data-at")) return
  reader.setAttribute("data-at", "")
  reader.querySelector("svg").replaceWith(icon("check", "t-ok"))
  reader.querySelector("time").textContent = when(at, live.zone)
  const count = message.querySelectorAll("[data-reader][data-at]").length
  message.querySelector("[data-read]").textContent = String(count)
  message.querySelector(".chip").classList.toggle("chip--ok", count === message.querySelectorAll("[data-reader]").length)
}

// ------------------------------------------------------------------------ alerts

const shown = new Map() // queue and kind -> {told: element, note: Notification} of alerts that go on
const keyOf = ({ queue, kind }) => `${queue} ${kind}`
const onBoard = () => document.querySelector("#page team-board") // it says so itself

const begun = ({ kind, title, limit, why }) =>
  ({
    trunk: failed[why]?.(title),
    wait: _("{queue}: a customer has waited for more than {limit}.", { queue: title, limit: length(limit) }),
    nobody: _("{queue}: customers wait, and nobody is ready.", { queue: title }),
    abandoned: _("{queue}: more than {limit}% of today’s calls were lost.", { queue: title, limit }),
  })[kind]

// Whoever sets the trunks is told by `trunks`.
const setsTrunks = () => document.querySelector('.nav a[href="/switchboard"]')

function tell(alarm) {
  if (alarm.kind === "trunk" && setsTrunks()) return
  const entry = shown.get(keyOf(alarm))
  const words = begun(alarm)
  if (!onBoard()) entry.told = toast(words, "bad", { href: "/live", words: _("Look") })
  if (!document.hidden || window.Notification?.permission !== "granted") return
  entry.note = new Notification(_("Alert"), { body: words, tag: `alarm-${keyOf(alarm)}` })
  entry.note.onclick = () => window.focus()
}

// What goes on when the page comes is on the board already: only what begins later is told.
function alarms({ alarms = [] }, first) {
  const now = new Map(alarms.map((each) => [keyOf(each), each]))
  for (const [key, entry] of shown) {
    if (now.has(key) && !now.get(key).silenced) continue
    entry.told?.remove()
    entry.note?.close()
    if (!now.has(key)) shown.delete(key)
  }
  for (const [key, alarm] of now) {
    if (shown.has(key)) continue
    shown.set(key, {})
    if (!first && !alarm.quiet && !alarm.silenced) tell(alarm)
  }
  const loud = alarms.filter((each) => !each.silenced).length
  for (const place of document.querySelectorAll("[data-alarms-count]")) {
    place.hidden = loud === 0
    place.textContent = String(loud)
  }
}


// ------------------------------------------------------------------------ trunks

const failing = new Map() // name -> the word at the corner, of those that carry no calls now
const failed = {
  silent: (title) => _("The trunk {title} does not answer: calls take the next one, where there is one.", { title }),
  refused: (title) => _("The trunk {title} refuses us: is the password right? Calls take the next one, where there is one.", { title }),
}

function trunks({ trunks: all = [] }) {
  const now = new Map(all.filter(({ bad }) => bad).map((each) => [each.name, each]))
  for (const [name, entry] of failing) {
    if (now.get(name)?.kind === entry.kind) continue
    entry.told.remove()
    failing.delete(name)
    const back = all.find((each) => each.name === name && ["registered", "reachable"].includes(each.kind))
    if (back) toast(_("The trunk {title} works again.", { title: back.title }))
  }
  for (const [name, { title, kind }] of now) {
    if (failing.has(name)) continue
    failing.set(name, { kind, told: toast(failed[kind](title), "bad", { href: "/switchboard/trunks", words: _("Look") }) })
  }
}
