// <agent-state>: ready, on a break, offline; in the top bar, with how long already.

import { ask, toast } from "./page.js"
import { everySecond, length } from "./clock.js"
import { live } from "./events.js"
import { _ } from "./words.js"

// The service keeps the English words; every reader sees them in their own language.
export const BREAKS = ["Short break", "Lunch", "Meeting", "Training"]
const BREAK_WORDS = () => ({ "Short break": _("Short break"), Lunch: _("Lunch"), Meeting: _("Meeting"), Training: _("Training") })
export const breakWords = (reason) => BREAK_WORDS()[reason] ?? reason

const DOTS = { ready: "k-ok", unreachable: "k-bad", break: "k-warn", ringing: "k-acc", talking: "k-acc", wrap_up: "k-warn", offline: "" }
const NAMES = () => ({
  ready: _("Ready"),
  unreachable: _("Phone not connected"),
  break: _("Break"),
  ringing: _("Ringing"),
  talking: _("In a call"),
  wrap_up: _("After the call"),
  offline: _("Offline"),
})

/** Ask for another state; what goes wrong is said at the corner. */
export async function want(state, reason = "") {
  try {
    await ask("/api/v1/me/state", { method: "PUT", json: { state, reason } })
    return true
  } catch (error) {
    toast(error.message, "bad")
    return false
  }
}

class AgentState extends HTMLElement {
  connectedCallback() {
    if (this.firstElementChild) return
    this.append(document.getElementById("agent-state").content.cloneNode(true))
    const reasons = this.querySelector("[data-part=reasons]")
    for (const reason of BREAKS) reasons.append(this.#choice(reason))
    this.addEventListener("click", (event) => {
      const button = event.target.closest("[data-want]")
      if (!button) return
      this.querySelector("details").open = false
      want(button.dataset.want, button.dataset.reason)
    })
    live.addEventListener("change", () => this.#draw())
    everySecond(() => this.#count())
    this.#draw()
  }

  #choice(reason) {
    const button = document.createElement("button")
    button.type = "button"
    button.setAttribute("role", "menuitemradio")
    Object.assign(button.dataset, { want: "break", reason })
    const dot = document.createElement("i")
    dot.className = "dot k-warn"
    button.append(dot, breakWords(reason))
    return button
  }

  #draw() {
    const me = live.me
    this.hidden = !me?.extension
    if (!me) return
    const name = me.state === "break" && me.reason ? breakWords(me.reason) : NAMES()[me.state]
    this.querySelector("summary .dot").className = `dot ${DOTS[me.state]}`
    this.querySelector("[data-part=label]").textContent = name
    for (const button of this.querySelectorAll("[data-want]")) {
      const { want: state, reason = "" } = button.dataset
      const now = me.state === "unreachable" ? "ready" : me.state
      button.setAttribute("aria-checked", String(state === now && (state !== "break" || reason === me.reason)))
    }
    this.#count()
  }

  #count() {
    if (live.me) this.querySelector("[data-part=since]").textContent = length(live.since(live.me.since))
  }
}

customElements.define("agent-state", AgentState)
