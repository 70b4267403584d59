// Calls that wait for their outcome: how many, in the menu; and the form in which one is finished.

import { live } from "./events.js"
import { clashOf, isDirty, noteOf, outcomeOf, recall, save, savedWords, settle, write } from "./note.js"
import { learn, outcomeName } from "./outcomes.js"
import { ask, go, toast } from "./page.js"
import { finishing } from "./wrap.js"
import { language, _ } from "./words.js"

const SOON = 400 // milliseconds: a few things change together
const entry = () => document.querySelector("[data-to-finish]")
let timer
let wrap = null

function count() {
  clearTimeout(timer)
  timer = setTimeout(async () => {
    if (!entry() || !live.connected) return
    try {
      const { count: n } = await ask("/api/v1/to-finish")
      const item = entry()
      item.hidden = n === 0 && item.getAttribute("aria-current") !== "page"
      item.querySelector(".count").textContent = new Intl.NumberFormat(language).format(n)
      item.querySelector(".count").hidden = n === 0
    } catch {
      // It is asked again with the next change.
    }
  }, SOON)
}

live.addEventListener("change", ({ detail }) => {
  const now = live.me?.wrap_up ?? null
  if (detail === "state" || now !== wrap || detail === "noted") count()
  wrap = now
})

class FinishForm extends HTMLElement {
  connectedCallback() {
    if (this.form) return
    this.form = this.querySelector("form")
    this.call = this.dataset.call
    this.choice = this.querySelector("outcome-choice")
    this.field = this.querySelector("[data-part=note]")
    this.addEventListener("outcome", ({ detail }) => this.#write({ outcome: detail }))
    this.field.addEventListener("input", () => this.#write({ note: this.field.value }))
    this.form.addEventListener("submit", (event) => this.#submit(event))
    this.addEventListener("click", ({ target }) => this.#settle(target.closest("[data-settle]")?.dataset.settle))
    this.keys = (event) => this.#key(event)
    this.heard = () => this.draw()
    document.addEventListener("keydown", this.keys)
    live.addEventListener("noted", this.heard)
    this.dispatchEvent(new Event("finish-form", { bubbles: true }))
    learn(this.heard)
    recall(this.call).then(this.heard)
  }

  /** The call as far as others need it here. */
  get called() {
    const { call: call_id, number, customer } = this.dataset
    return { call_id, number, customer: customer ? { id: Number(customer) } : null }
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.keys)
    live.removeEventListener("noted", this.heard)
  }

  draw() {
    const typing = this.field === document.activeElement && isDirty(this.call)
    if (!typing && this.field.value !== noteOf(this.call)) this.field.value = noteOf(this.call)
    this.choice.value = outcomeOf(this.call)
    this.choice.draw()
    this.querySelector("[data-part=saved]").textContent = savedWords(this.call)
    const clash = clashOf(this.call)
    this.querySelector("[data-part=clash]").hidden = !clash
    if (clash) this.querySelector("[data-part=clash-text]").textContent = [outcomeName(clash.outcome), clash.note].filter(Boolean).join(": ") || _("(nothing)")
  }

  #write(change) {
    write(this.call, change, this.heard)
  }

  async #submit(event) {
    event.preventDefault()
    this.choice.complain(!this.choice.complete)
    if (!this.choice.complete) return
    try {
      await finishing(this.call, () => save(this.call, { done: true }))
      await go(this.dataset.next)
      toast(_("The call is finished."))
      count()
    } catch (error) {
      toast(error.message, "bad")
      this.draw()
    }
  }

  async #settle(whose) {
    if (!whose) return
    await settle(this.call, whose === "mine").catch(() => {})
    this.draw()
  }

  // As in the phone: numbers choose where nobody is typing, with Alt everywhere.
  #key(event) {
    if (event.defaultPrevented || event.repeat || event.metaKey) return
    const typing = event.target.closest?.("textarea, select, input, [contenteditable]")
    const digit = event.code.match(/^(?:Digit|Numpad)([1-9])$/)?.[1]
    if (event.key === "Enter" && event.ctrlKey) this.form.requestSubmit()
    else if (digit && !event.ctrlKey && (event.altKey || !typing)) {
      if (!this.choice.press(Number(digit))) return
    } else if (!typing && ["Backspace", "Escape"].includes(event.key)) {
      if (!this.choice.back()) return
    } else return
    event.preventDefault()
  }
}

customElements.define("finish-form", FinishForm)
