// A long list of ticks: find names in it, and see how many are ticked. What is hidden stays as it is.

import { _n } from "./words.js"

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d").replaceAll("Đ", "d").toLowerCase()

class TickList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", ({ target }) => target.matches("[data-find]") && this.#find(target.value))
    this.addEventListener("change", () => this.#count())
    this.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("[data-find]")) event.preventDefault() // it would save
    })
    this.#count()
  }

  #find(text) {
    const words = plain(text).split(/\s+/)
    for (const label of this.querySelectorAll("label:has([type=checkbox])")) {
      const name = plain(label.textContent)
      label.hidden = !words.every((word) => name.includes(word))
    }
    for (const group of this.querySelectorAll("fieldset")) group.hidden = !group.querySelector("label:not([hidden])")
    this.querySelector("[data-none]").hidden = !!this.querySelector("fieldset:not([hidden])")
  }

  #count() {
    const n = this.querySelectorAll("[type=checkbox]:checked").length
    this.querySelector("[data-count]").textContent = _n("{n} person", "{n} people", n)
  }
}

customElements.define("tick-list", TickList)
