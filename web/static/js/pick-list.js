// A filter of several: names to tick, found by typing, all of one field in one word of the address.

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("đ", "d").replaceAll("Đ", "d").toLowerCase()

class PickList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", ({ target }) => target.matches("[data-find]") && this.#find(target.value))
    this.addEventListener("keydown", (event) => this.#key(event))
    this.addEventListener("click", ({ target }) => target.closest("[data-clear]") && this.#clear())
    this.addEventListener("beforetoggle", ({ newState }) => newState === "closed" && this.#find(""))
  }

  get #labels() {
    return [...this.querySelectorAll(".pick__list label")]
  }

  #find(text) {
    const field = this.querySelector("[data-find]")
    if (!field) return
    field.value = text
    const words = plain(text).split(/\s+/)
    let found = 0
    for (const label of this.#labels) {
      const name = plain(label.textContent)
      label.hidden = !words.every((word) => name.includes(word))
      found += !label.hidden
    }
    this.querySelector(".pick__none").hidden = found > 0
  }

  #clear() {
    for (const box of this.querySelectorAll(":checked")) box.checked = false
    this.hidePopover()
  }

  /** Enter ticks what was found and is ready for the next name; with nothing typed it shows them. Arrows walk. */
  #key(event) {
    const { key, target } = event
    const boxes = this.#labels.filter((label) => !label.hidden).map((label) => label.firstElementChild)
    if (key === "Enter" && target.matches("[data-find]")) {
      event.preventDefault()
      if (!target.value.trim()) return this.hidePopover()
      if (boxes.length) boxes[0].checked = !boxes[0].checked
      this.#find("")
    } else if (key === "Enter" && target.matches("[type=checkbox]")) {
      event.preventDefault()
      this.hidePopover()
    } else if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault()
      const at = boxes.indexOf(target) + (key === "ArrowDown" ? 1 : -1)
      const next = at < 0 ? this.querySelector("[data-find]") : boxes[at]
      next?.focus()
    }
  }
}

customElements.define("pick-list", PickList)

document.addEventListener("htmx:configRequest", ({ detail }) => {
  for (const list of detail.elt.querySelectorAll?.("pick-list") ?? []) {
    const name = list.querySelector("[type=checkbox]")?.name
    const values = name ? detail.formData.getAll(name) : []
    if (values.length > 1) detail.formData.set(name, values.join(","))
  }
})
