// The status of a customer out of a menu: its number chooses, the arrows walk.

class StatusMenu extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => {
      const items = [...this.querySelectorAll("button[name=status]")]
      const at = items.indexOf(document.activeElement)
      if (!this.querySelector("details").open || event.ctrlKey || event.altKey || event.metaKey) return
      if (/^[1-9]$/.test(event.key)) items[event.key - 1]?.click()
      else if (event.key === "ArrowDown") items[(at + 1) % items.length]?.focus()
      else if (event.key === "ArrowUp") items.at(at < 1 ? -1 : at - 1)?.focus()
      else return
      event.preventDefault()
      event.stopPropagation()
    })
  }
}

customElements.define("status-menu", StatusMenu)
