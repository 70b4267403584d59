// Who shall have which customers: only what the chosen way needs is shown, and the shares at once.

const PATIENCE_MS = 200

class ShareForm extends HTMLElement {
  #timer

  connectedCallback() {
    this.form = this.closest("form")
    this.addEventListener("change", () => this.#changed())
    this.addEventListener("input", () => this.#changed())
    this.addEventListener("click", ({ target }) => {
      const up = target.closest("[data-up]")
      if (up) this.#up(up)
    })
    this.#show()
    if (this.#chosen()) this.#ask()
  }

  #changed() {
    this.#show()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#ask(), PATIENCE_MS)
  }

  #show() {
    const how = this.form.elements.how.value
    for (const part of this.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(how)
  }

  #ask() {
    const shares = this.querySelector("#shares")
    if (this.#chosen()) return window.htmx.trigger(shares, "shares")
    shares.replaceChildren()
  }

  #chosen() {
    const { how, one, department } = this.form.elements
    if (how.value === "one") return one.value
    if (how.value === "department") return department.value
    return this.querySelector("[name=person]:checked")
  }

  #up(button) {
    const row = button.closest("[data-person]")
    row.previousElementSibling?.before(row)
    button.focus()
    this.#changed()
  }
}

customElements.define("share-form", ShareForm)
