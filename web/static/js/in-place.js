// A value that is edited where it stands: Enter saves (Ctrl+Enter in a text of several lines), Escape leaves it as it was.

class InPlace extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => {
      if (event.defaultPrevented) return
      if (event.key === "Escape") {
        event.preventDefault()
        event.stopPropagation()
        this.querySelector("[data-esc]").click()
      } else if (event.key === "Enter" && event.ctrlKey) {
        event.preventDefault()
        event.stopPropagation()
        this.querySelector("form").requestSubmit()
      } else if (event.key === "Enter" && event.target.matches("select")) {
        event.preventDefault()
        this.querySelector("form").requestSubmit()
      }
    })
    const field = this.querySelector("[autofocus]") ?? this.querySelector("input:not([type=hidden]), select, textarea")
    field?.focus()
    if (field?.matches("input")) field.select()
  }
}

customElements.define("in-place", InPlace)
