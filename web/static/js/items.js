// A list of the settings: rows change their order by dragging and by arrow keys, and say that they are not saved.

import { _, _n } from "./words.js"

const STEP = 10

class ItemList extends HTMLElement {
  connectedCallback() {
    this.rows = this.querySelector("tbody")
    this.form = this.querySelector("#rows")
    if (!this.form) return
    this.order = this.lines()
    this.addEventListener("input", () => this.tell())
    this.addEventListener("change", (event) => this.paint(event.target))
    this.addEventListener("keydown", (event) => this.press(event))
    this.form.addEventListener("reset", () => setTimeout(() => this.undo()))
    this.addEventListener("pointerdown", (event) => this.take(event))
    this.addEventListener("dragstart", (event) => this.drag(event))
    this.addEventListener("dragover", (event) => this.over(event))
    this.addEventListener("dragend", () => this.drop())
    this.tell()
  }

  lines() {
    return [...this.rows.querySelectorAll("tr[data-item]")]
  }

  press(event) {
    const line = event.target.closest("tr[data-item]")
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (!line || !step || !(event.altKey || event.target.matches("[data-grip]"))) return
    event.preventDefault()
    const lines = this.lines()
    const next = lines[lines.indexOf(line) + step]
    if (!next) return
    step < 0 ? next.before(line) : next.after(line)
    event.target.focus()
    this.renumber()
  }

  take(event) {
    const line = event.target.closest("tr[data-item]")
    if (line) line.draggable = Boolean(event.target.closest("[data-grip]")) // text in fields is still selected by mouse
  }

  drag(event) {
    this.dragged = event.target.closest?.("tr[data-item]")
    this.dragged?.setAttribute("aria-selected", "true")
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move"
  }

  over(event) {
    const line = event.target.closest("tr[data-item]")
    if (!this.dragged || !line) return
    event.preventDefault()
    if (line === this.dragged) return
    const { top, height } = line.getBoundingClientRect()
    event.clientY < top + height / 2 ? line.before(this.dragged) : line.after(this.dragged)
  }

  drop() {
    this.dragged?.removeAttribute("aria-selected")
    if (this.dragged) this.renumber()
    this.dragged = null
  }

  /** The positions of the rows in their new order. */
  renumber() {
    this.lines().forEach((line, place) => (position(line).value = (place + 1) * STEP))
    this.tell()
  }

  undo() {
    this.rows.prepend(...this.order)
    for (const select of this.querySelectorAll("select")) this.paint(select)
    this.tell()
  }

  paint(select) {
    const dot = select.closest(".item__colour")?.querySelector("[data-dot]")
    if (dot) dot.className = `dot ${select.value ? `k-${select.value}` : ""}`
    this.tell()
  }

  tell() {
    const changed = this.lines().filter((line) => [...line.querySelectorAll("input, select")].some(isChanged))
    const wrong = Boolean(this.form.querySelector("tbody [aria-invalid]")) || Boolean(document.querySelector(".banner--bad") && changed.length)
    const dirty = changed.length > 0 || wrong
    this.querySelector(".items__bar").toggleAttribute("data-clean", !dirty)
    const names = changed.map((line) => line.dataset.item)
    this.querySelector("[data-unsaved]").textContent = names.length === 1
      ? _("Not saved yet: {name}", { name: names[0] })
      : _n("Not saved yet: {n} item", "Not saved yet: {n} items", names.length)
    // Another button of the form would leave behind what was typed.
    for (const act of this.querySelectorAll("[formaction]:not([title])")) act.disabled = dirty
  }
}

const position = (line) => line.querySelector(".item__position input")

const isChanged = (field) =>
  field.type === "checkbox" ? field.checked !== field.defaultChecked :
  field.matches("select") ? ![...field.options].find((each) => each.selected)?.defaultSelected && hadChoice(field) : field.value !== field.defaultValue

const hadChoice = (field) => [...field.options].some((each) => each.defaultSelected)

customElements.define("item-list", ItemList)

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-to-new]")) document.querySelector("#code-new, #name-new")?.focus()
})
