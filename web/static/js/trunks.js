// <trunk-list>: tries a provider and says what became of it; moves a trunk with Alt and the arrow keys; draws the
// page anew when the exchange says something else of one.

import { live } from "./events.js"
import { ask, redraw } from "./page.js"
import { _ } from "./words.js"

class TrunkList extends HTMLElement {
  #listening = null

  connectedCallback() {
    this.addEventListener("click", ({ target }) => this.#try(target.closest("[data-try]")))
    this.addEventListener("keydown", (event) => this.#move(event))
    this.#listening = new AbortController()
    if (this.hasAttribute("data-trunks")) live.addEventListener("trunks", ({ detail }) => this.#renew(detail), { signal: this.#listening.signal })
  }

  disconnectedCallback() {
    this.#listening.abort()
  }

  async #try(button) {
    if (!button || button.disabled) return
    const form = this.querySelector("form[data-back]")
    const said = button.closest("tr, form").querySelector("[data-said]")
    button.disabled = true
    said.className = said.className.replace(/ t-\w+/g, "")
    said.replaceChildren(Object.assign(document.createElement("span"), { className: "spin" }), ` ${_("Asking the provider …")}`)
    try {
      const { works, sentence } = await ask(button.dataset.try, { method: "POST", form: form ? new FormData(form) : {} })
      said.textContent = sentence
      said.className += works ? " t-ok" : " t-bad"
    } catch (error) {
      said.textContent = error.message
      said.className += " t-bad"
    }
    button.disabled = false
  }

  #move(event) {
    const step = { ArrowUp: "up", ArrowDown: "down" }[event.key]
    const row = event.target.closest("tr[data-trunk]")
    if (!step || !row || !event.altKey) return
    event.preventDefault()
    row.querySelector(`[name=to][value=${step}]`).click()
  }

  // What is being tried stays as it is: its answer is to be read.
  #renew({ trunks }) {
    if (this.dataset.seen !== JSON.stringify(trunks) && !this.querySelector("[data-try]:disabled")) redraw("trunk-list[data-trunks]")
  }
}

customElements.define("trunk-list", TrunkList)
