// A lead who is with an agent in a call: <lead-panel> in the phone, <lead-actions> in the menus of the board.
// late.js fetches this with the first of them.

import { everySecond, length } from "./clock.js"
import { nameOf, numberOf } from "./draw.js"
import { live } from "./events.js"
import { ask, toast } from "./page.js"
import { phone } from "./phone.js"
import { _ } from "./words.js"

const KEYS = { KeyL: "listen", KeyW: "whisper", KeyJ: "join", KeyO: "take_over", KeyX: "stop" }

/** Begin to listen to a call, or go on in another way, or "stop". */
async function wish(callId, way) {
  const path = `/api/v1/calls/${encodeURIComponent(callId)}/listen`
  try {
    await (way === "stop" ? ask(`${path}/stop`, { method: "POST" }) : ask(path, { method: "POST", json: { way } }))
  } catch (error) {
    toast(error.message, "bad")
  }
}

const over = () => ({
  over: _("The call you listened to is over."),
  taken: _("The call is yours now."),
  "not-yours": _("The call went to somebody who is not of your team: you do not hear it any more."),
  "no-answer": _("Your phone did not answer, so you hear nothing."),
  "page-lost": _("You hear the call no more: the page with your phone was gone."),
})

class LeadPanel extends HTMLElement {
  #way = "" // by which the microphone was last set
  #callId = ""

  connectedCallback() {
    this.addEventListener("click", ({ target }) => this.#wants(target.closest("[data-way]")))
    live.addEventListener("change", () => this.draw())
    live.addEventListener("listening", ({ detail }) => this.#told(detail))
    phone.addEventListener("change", () => this.#mute())
    this.draw()
  }

  press(code) {
    this.#wants(this.querySelector(`[data-way=${KEYS[code]}]`))
  }

  /** Every second. */
  count() {
    if (live.listening) this.#write("timer", length(live.since(live.listening.since)))
  }

  draw() {
    const now = live.listening
    if (now && this.hidden) open(this)
    this.hidden = !now
    if (!now) return (this.#way = "")
    this.#callId = now.call_id
    const call = live.calls.get(now.call_id)
    this.#write("title", now.agent)
    this.#write("who", call ? _("with {name}", { name: [nameOf(call), numberOf(call)].filter(Boolean).join(" · ") }) : "")
    this.#write("means", means(now))
    for (const button of this.querySelectorAll(".lead__ways [data-way]")) {
      button.setAttribute("aria-pressed", String(now.where === "on" && button.dataset.way === now.way))
    }
    for (const button of this.querySelectorAll("[data-way]:not([data-way=stop])")) button.disabled = now.where !== "on"
    this.count()
    this.#mute()
  }

  #wants(button) {
    if (button && !button.disabled && live.listening) wish(live.listening.call_id, button.dataset.way)
  }

  #told({ why }) {
    if (why === "taken") phone.mute(this.#callId, false) // whoever only listened must be heard now
    if (why) toast(over()[why], why === "taken" || why === "over" ? "ok" : "bad")
  }

  // Whoever only listens is not heard by the exchange either; the microphone shows it.
  #mute() {
    const now = live.listening
    if (!now || !phone.talksIn(now.call_id) || this.#way === now.way) return
    this.#way = now.way
    phone.mute(now.call_id, now.way === "listen")
    this.dataset.muted = phone.isMuted(now.call_id) ? "yes" : "no"
  }

  #write(name, words) {
    const place = this.querySelector(`[data-part=${name}]`)
    if (place.textContent !== words) place.textContent = words
  }
}

function means({ where, way, agent }) {
  if (where === "calling") return _("Your phone rings first. Nobody hears you.")
  if (where === "waiting") return _("Nobody talks with the customer at the moment. You hear whoever does next.")
  return {
    listen: _("You hear both. Nobody hears you."),
    whisper: _("{name} hears you, the customer does not. It is not recorded.", { name: agent }),
    join: _("Both hear you. It is recorded."),
  }[way]
}

function open(panel) {
  panel.closest(".dock").dataset.sheet = "open"
  const app = document.getElementById("app")
  if (app?.dataset.dock === "mini") app.dataset.dock = "open"
}

class LeadActions extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", ({ target }) => this.#wants(target.closest("[data-way]")))
    this.draw()
  }

  get #callId() {
    return this.closest("[data-call-id]")?.dataset.callId
  }

  /** Whoever listens to this call may do the rest. */
  draw() {
    const here = live.listening && live.listening.call_id === this.#callId
    for (const button of this.querySelectorAll("[data-way]")) {
      const { way } = button.dataset
      button.hidden = way === "listen" ? here && live.listening.way === "listen" : !here
      button.disabled = here && way !== "stop" && (live.listening.where !== "on" || live.listening.way === way)
    }
  }

  #wants(button) {
    if (!button) return
    const callId = this.#callId
    const menu = this.closest("details")
    menu.open = false
    menu.querySelector("summary").focus()
    wish(callId, button.dataset.way)
  }
}

customElements.define("lead-panel", LeadPanel)
customElements.define("lead-actions", LeadActions)

everySecond(() => document.querySelector("lead-panel")?.count())
live.addEventListener("change", () => {
  for (const each of document.querySelectorAll("lead-actions")) each.draw()
})
