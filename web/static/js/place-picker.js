// A place out of the tree of places: typed, chosen with the arrows, kept as its id.

import { ask } from "./page.js"
import { _ } from "./words.js"

class PlacePicker extends HTMLElement {
  connectedCallback() {
    this.kept = this.querySelector("input[type=hidden]")
    this.input = this.querySelector("input[type=search]")
    this.list = this.querySelector("[role=listbox]")
    this.list.id ||= `${this.input.id}-places`
    this.input.setAttribute("aria-controls", this.list.id)
    this.name = this.input.value
    this.input.addEventListener("input", () => this.later())
    this.input.addEventListener("keydown", (event) => this.key(event))
    this.list.addEventListener("mousedown", (event) => event.preventDefault()) // keep the focus
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[role=option]")))
    this.addEventListener("focusout", (event) => this.contains(event.relatedTarget) || this.left())
  }

  later() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.find(), 150)
  }

  async find() {
    const asked = this.input.value.trim()
    if (!asked) return this.show([])
    try {
      const { places } = await ask(`/customers/places?q=${encodeURIComponent(asked)}`)
      if (asked === this.input.value.trim()) this.show(places, asked)
    } catch (error) {
      this.show([], error.message)
    }
  }

  show(places, asked) {
    this.list.replaceChildren(
      ...places.map((place, n) => {
        const option = document.createElement("button")
        Object.assign(option, { type: "button", className: "menu__item", id: `${this.list.id}-${n}`, textContent: place.name, tabIndex: -1 })
        option.setAttribute("role", "option")
        option.dataset.id = place.id
        return option
      }),
    )
    if (asked && !places.length) this.list.replaceChildren(Object.assign(document.createElement("div"), { className: "lbl", textContent: _("There is no such place.") }))
    this.open(Boolean(asked))
    this.select(0)
  }

  open(is) {
    this.list.hidden = !is
    this.input.setAttribute("aria-expanded", is)
  }

  select(n) {
    const options = [...this.list.querySelectorAll("[role=option]")]
    this.at = options.length ? (n + options.length) % options.length : -1
    options.forEach((option, i) => option.setAttribute("aria-selected", i === this.at))
    if (this.at >= 0) this.input.setAttribute("aria-activedescendant", options[this.at].id)
    else this.input.removeAttribute("aria-activedescendant")
  }

  key(event) {
    if (this.list.hidden) return
    if (event.key === "ArrowDown" || event.key === "ArrowUp") this.select(this.at + (event.key === "ArrowDown" ? 1 : -1))
    else if (event.key === "Enter") this.choose(this.list.querySelector("[aria-selected=true]"))
    else if (event.key === "Escape") this.left()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  choose(option) {
    if (!option) return
    this.kept.value = option.dataset.id
    this.name = this.input.value = option.textContent
    this.open(false)
  }

  // What was typed and not chosen is no place; an emptied field means none.
  left() {
    this.open(false)
    if (!this.input.value.trim()) this.kept.value = this.name = ""
    this.input.value = this.name
  }
}

customElements.define("place-picker", PlacePicker)
