// The form of a customer: shows the fields of the chosen kind, and says while one types whether somebody has that already.

import { ask, icon } from "./page.js"
import { _ } from "./words.js"

const PAUSE = 400 // ms without a key, before the service is asked

class CustomerForm extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form")
    this.addEventListener("change", (event) => event.target.name === "kind" && this.kind(event.target.value))
    this.addEventListener("input", (event) => {
      const field = event.target.closest("[data-unique]")
      if (field) this.later(field)
    })
  }

  disconnectedCallback() {
    clearTimeout(this.timer)
  }

  kind(kind) {
    for (const field of this.querySelectorAll("[data-kinds]")) {
      field.hidden = !field.dataset.kinds.split(" ").includes(kind)
    }
  }

  later(field) {
    clearTimeout(this.timer)
    this.problem(field, null)
    this.timer = setTimeout(() => this.check(), PAUSE)
  }

  async check() {
    const form = new FormData(this.form)
    const of = this.getAttribute("of")
    if (of) form.set("of", of)
    const asked = (this.asked = Symbol())
    let duplicates
    try {
      duplicates = (await ask("/customers/check", { method: "POST", form })).duplicates
    } catch {
      return // saving asks again, and says what is wrong
    }
    if (asked !== this.asked || !this.isConnected) return
    const phones = [...this.querySelectorAll("[name=phone]")].filter((each) => each.value.trim())
    for (const field of this.querySelectorAll("[data-unique]")) {
      const name = field.dataset.unique === "phone" ? `phone-${phones.indexOf(field)}` : field.dataset.unique
      if (duplicates[name]) this.problem(field, duplicates[name])
      else if (field.dataset.taken) this.problem(field, null)
    }
  }

  problem(field, duplicate) {
    const place = field.closest(".field").querySelector("[data-problem]")
    if (!place) return
    const text = place.querySelector("span")
    place.hidden = !duplicate
    text.replaceChildren()
    if (duplicate) {
      if (!place.querySelector("svg")) place.prepend(icon("alert"))
      text.append(duplicate.message)
      if (duplicate.customer_id) {
        const link = Object.assign(document.createElement("a"), { className: "link", href: `/customers/${duplicate.customer_id}`, textContent: _("Open"), target: "_blank" })
        text.append(" ", link)
      }
      field.setAttribute("aria-invalid", "true")
      field.dataset.taken = "yes"
    } else {
      field.removeAttribute("aria-invalid")
      delete field.dataset.taken
    }
  }
}

customElements.define("customer-form", CustomerForm)
