// <agent-state>: ready, on a break, offline; in the top bar, with how long already and what comes after the call.

import { ask, toast } from "./page.js"
import { everySecond, length } from "./clock.js"
import { live } from "./events.js"
import { language, _, _n } from "./words.js"

const DOTS = { ready: "k-ok", unreachable: "k-bad", break: "k-warn", ringing: "k-acc", talking: "k-acc", on_hold: "k-acc", wrap_up: "k-warn", offline: "" }
const NAMES = () => ({
  ready: _("Ready"),
  unreachable: _("Phone not connected"),
  break: _("Break"),
  ringing: _("Ringing"),
  talking: _("In a call"),
  on_hold: _("On hold"),
  wrap_up: _("After the call"),
  offline: _("Offline"),
})

/** The reasons one may choose from, in the company's order. */
export const breaks = () => live.breaks.filter((each) => each.offered)

/** What a reason is called in the page's language. */
export function breakWords(reason) {
  if (reason === "missed" || reason === "declined") return _("Calls not answered")
  const known = live.breaks.find((each) => each.code === reason)
  return known?.[`name_${language}`] ?? reason
}

/** Why somebody was put on a break that nobody chose; "" for any other. */
export function rungWords({ state, reason, missed, declined }) {
  if (state !== "break" || !["missed", "declined"].includes(reason)) return ""
  const back = _("Press Ready when you are back.")
  if (!missed && !declined) return `${_("You did not answer your calls.")} ${back}`
  if (!declined) return `${_n("You missed {n} call.", "You missed {n} calls in a row.", missed)} ${back}`
  if (!missed) return `${_n("You declined {n} call.", "You declined {n} calls in a row.", declined)} ${back}`
  return `${_("You missed {missed} and declined {declined} calls in a row.", { missed, declined })} ${back}`
}

/** Whether a break has lasted longer than its reason allows. */
export const isOver = (me) => Boolean(me.break_ends) && live.until(me.break_ends) < 0

/** What the length of a break may be, or by how much it is over; "" without a limit. */
export function limitWords(me) {
  if (!me.break_ends) return ""
  const left = live.until(me.break_ends)
  return left < 0 ? _("over by {length}", { length: length(-left) }) : _("{length} left", { length: length(left) })
}

/** "Break: Lunch", "Ready". */
export const stateWords = (state, reason) => (state === "break" && reason ? `${_("Break")}: ${breakWords(reason)}` : NAMES()[state])
const bookedWords = ({ state, reason }) => _("{state}, after this call", { state: stateWords(state, reason) })

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
  #told = ""
  #toast = null

  connectedCallback() {
    if (this.firstElementChild) return
    this.append(document.getElementById("agent-state").content.cloneNode(true))
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

  #part(name) {
    return this.querySelector(`[data-part=${name}]`)
  }

  #draw() {
    const me = live.me
    this.hidden = !me?.extension
    if (!me) return
    this.#reasons()
    this.querySelector("summary .dot").className = `dot ${DOTS[me.state]}`
    this.#part("label").textContent = me.state === "break" && me.reason ? breakWords(me.reason) : NAMES()[me.state]
    this.#booked(me)
    this.#checks(me)
    this.#why(me)
    this.#count()
  }

  #reasons() {
    const list = this.#part("reasons")
    const now = JSON.stringify(breaks())
    if (list.dataset.drawn === now) return
    list.dataset.drawn = now
    list.replaceChildren(...breaks().map((each) => this.#choice(each)))
  }

  #choice({ code, minutes }) {
    const button = document.createElement("button")
    button.type = "button"
    button.setAttribute("role", "menuitemradio")
    Object.assign(button.dataset, { want: "break", reason: code })
    const dot = document.createElement("i")
    dot.className = "dot k-warn"
    button.append(dot, breakWords(code))
    if (minutes) {
      const limit = document.createElement("span")
      limit.className = "mut xs end"
      limit.textContent = _("{n} min", { n: minutes })
      button.append(limit)
    }
    return button
  }

  // What waits for the end of the call stands beside the state, and above the menu's choices with a way back.
  #booked(me) {
    const words = me.booked ? bookedWords(me.booked) : ""
    this.#part("booked").hidden = this.#part("booking").hidden = !words
    this.#part("booked").textContent = words
    this.#part("booking-words").textContent = words
    const back = this.#part("unbook")
    back.dataset.want = me.standing
    back.dataset.reason = me.standing_reason
  }

  #checks(me) {
    const chosen = me.booked ?? { state: me.standing, reason: me.standing_reason }
    for (const button of this.querySelectorAll("[role=menuitemradio]")) {
      const { want: state, reason = "" } = button.dataset
      button.setAttribute("aria-checked", String(state === chosen.state && (state !== "break" || reason === chosen.reason)))
    }
  }

  #why(me) {
    const words = rungWords(me)
    this.#part("why").hidden = !words
    this.#part("why-words").textContent = words
    if (words === this.#told) return
    this.#told = words
    this.#toast?.remove() // it was about what is over
    const folded = document.getElementById("app")?.dataset.dock === "mini" // else the phone says it
    this.#toast = words && folded ? toast(words, "bad") : null
  }

  #count() {
    const me = live.me
    if (!me) return
    const since = this.#part("since")
    const rests = me.rests_until && live.until(me.rests_until) > 0
    since.textContent = rests && me.state === "ready" ? _("next call in {length}", { length: length(live.until(me.rests_until)) }) : length(live.since(me.since))
    since.classList.toggle("t-bad", isOver(me))
    since.title = limitWords(me)
    document.querySelector(".dock[data-state=break] [data-part=timer]")?.classList.toggle("t-bad", isOver(me))
  }
}

customElements.define("agent-state", AgentState)
