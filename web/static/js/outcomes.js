// What a call can end in: <outcome-choice>, a list on one level and below it another; number keys choose.

import { live } from "./events.js"
import { ask, icon } from "./page.js"
import { language, _ } from "./words.js"

const OLD_MS = 60_000 // a page is open for hours, the settings may change meanwhile

let all = [] // as /api/v1/outcomes tells them: sub-outcomes after their outcome, retired ones too
let asked = 0

/** Ask for the list unless it was asked for a moment ago; `done` is called when it has come. */
export function learn(done = () => {}) {
  if (Date.now() - asked < OLD_MS) return
  asked = Date.now()
  ask("/api/v1/outcomes").then((list) => {
    all = list
    done()
  }, () => (asked = 0)) // without them a call can be finished all the same
}

const find = (code) => all.find((each) => each.code === code)
const below = (code) => all.filter((each) => each.parent === code && each.active)
const own = (outcome) => outcome[`name_${language}`] ?? outcome.name_en
const isFor = ({ queues, outgoing }, queue) =>
  queue ? queues.includes(queue) || !(queues.length || outgoing) : outgoing || !queues.length

/** "Interested › Wants a quote"; "" for a code that nobody knows. */
export function outcomeName(code) {
  const outcome = find(code)
  const parent = outcome?.parent && find(outcome.parent)
  return outcome ? [parent, outcome].filter(Boolean).map(own).join(" › ") : ""
}

/** Those of the first level that a call of `queue` ("": an outgoing one) can end in. */
const offered = (queue) => all.filter((each) => !each.parent && each.active && isFor(each, queue))

export class OutcomeChoice extends HTMLElement {
  queue = ""
  #chosen = null
  #open = null // the outcome whose sub-outcomes are shown
  #toPlace = false // what is chosen may be known before the list is
  #drawn = ""

  connectedCallback() {
    if (this.ready) return
    this.ready = true
    if (this.dataset.queue !== undefined) this.queue = this.dataset.queue
    this.addEventListener("click", (event) => {
      const code = event.target.closest("[data-code]")?.dataset.code
      if (code) this.#take(find(code))
      else if (event.target.closest("[data-part=outcome-back]")) this.back()
    })
    this.addEventListener("keydown", (event) => this.#move(event))
    this.draw()
  }

  get value() {
    return this.#chosen
  }

  /** What is chosen already, as it was saved; where it stands is shown. */
  set value(code) {
    if (code === this.#chosen) return
    this.#chosen = code
    this.#toPlace = true
    this.draw()
  }

  /** Whether nothing has to be chosen any more: half a choice is none. */
  get complete() {
    return this.#chosen ? below(this.#chosen).length === 0 : offered(this.queue).length === 0
  }

  get isBelow() {
    return this.#open !== null
  }

  /** The number key n; whether there was something to choose. */
  press(n) {
    const outcome = this.#list()[n - 1]
    if (outcome) this.#take(outcome)
    return Boolean(outcome)
  }

  /** From sub-outcomes back to the outcomes; whether one was there. */
  back() {
    if (!this.isBelow) return false
    const from = this.#open
    this.#open = null
    this.draw()
    this.querySelector(`[data-code="${CSS.escape(from)}"]`)?.focus()
    return true
  }

  /** Say that one has to choose first. */
  complain(on) {
    this.querySelector("[data-part=outcome-error]").hidden = !on
    if (on) (this.querySelector("[aria-pressed=true]") ?? this.querySelector("[data-code]"))?.focus()
  }

  draw() {
    if (!this.ready) return
    if (this.#toPlace && (all.length || !this.#chosen)) {
      this.#open = find(this.#chosen)?.parent ?? null
      this.#toPlace = false
    }
    const list = this.#list()
    this.hidden = list.length === 0
    const now = JSON.stringify([this.#open, this.#chosen, list.map((each) => [each.code, own(each)])])
    if (now === this.#drawn) return
    this.#drawn = now
    const had = this.contains(document.activeElement)
    const title = this.isBelow ? own(find(this.#open)) : _("Outcome")
    this.querySelector("[data-part=outcome-title]").textContent = title
    this.querySelector("[data-part=outcome-back]").hidden = !this.isBelow
    const rows = list.map((each, at) => this.#row(each, at))
    this.querySelector("[data-part=outcomes]").replaceChildren(...rows)
    if (had) (rows.find((row) => row.getAttribute("aria-pressed") === "true") ?? rows[0])?.focus()
  }

  #list() {
    return this.isBelow ? below(this.#open) : offered(this.queue)
  }

  #row(outcome, at) {
    const row = document.querySelector("template[data-row=outcome]").content.cloneNode(true).firstElementChild
    const parentOf = find(this.#chosen)?.parent
    row.dataset.code = outcome.code
    row.setAttribute("aria-pressed", String([this.#chosen, parentOf].includes(outcome.code)))
    row.querySelector("kbd").textContent = at < 9 ? at + 1 : ""
    if (at < 9) row.title = _("{n}, or Alt+{n} while you write", { n: at + 1 })
    row.querySelector("span").textContent = own(outcome)
    if (below(outcome.code).length) row.append(icon("chevron", "side mut"))
    return row
  }

  #take(outcome) {
    if (!outcome) return
    if (below(outcome.code).length) {
      this.#open = outcome.code
      return this.draw()
    }
    this.#chosen = outcome.code
    this.complain(false)
    this.draw()
    this.dispatchEvent(new CustomEvent("outcome", { bubbles: true, detail: outcome.code }))
  }

  #move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const rows = [...this.querySelectorAll("[data-code]")]
    const at = rows.indexOf(document.activeElement)
    if (!step || at < 0) return
    event.preventDefault()
    rows[(at + step + rows.length) % rows.length].focus()
  }
}

customElements.define("outcome-choice", OutcomeChoice)

live.addEventListener("change", ({ detail }) => {
  if (detail === "state") asked = 0 // whoever was away asks again
})
