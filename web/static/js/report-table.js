// <report-table>: a report's table is sorted by a click on a heading, which says what it means.

import { place } from "./popovers.js"
import { language } from "./words.js"

const text = new Intl.Collator(language, { numeric: true })
const NEXT = { ascending: "none", descending: "ascending", none: "descending" } // figures: the most first
const NEXT_WORDS = { ascending: "descending", descending: "none", none: "ascending" }

class ReportTable extends HTMLElement {
  connectedCallback() {
    this.body = this.querySelector("tbody")
    this.rows = [...this.body.rows]
    this.tip = this.querySelector("[role=tooltip]")
    this.addEventListener("click", (event) => {
      const button = event.target.closest("[data-sort]")
      if (button) this.press(button)
    })
    this.querySelector("[data-sort-by]").addEventListener("change", ({ target }) => this.choose(target.value))
    for (const button of this.querySelectorAll("[aria-describedby]")) {
      for (const begin of ["pointerenter", "focus"]) button.addEventListener(begin, () => this.explain(button))
      for (const end of ["pointerleave", "blur"]) button.addEventListener(end, () => this.tip.hidePopover())
      button.addEventListener("keydown", ({ key }) => key === "Escape" && this.tip.hidePopover())
    }
  }

  explain(button) {
    this.tip.textContent = document.getElementById(button.getAttribute("aria-describedby")).textContent
    this.tip.showPopover()
    place(this.tip, button)
  }

  press(button) {
    const heading = button.closest("th")
    const next = heading.matches(".n") ? NEXT : NEXT_WORDS
    this.sort(Number(button.dataset.sort), next[heading.ariaSort ?? "none"])
  }

  choose(column) {
    const heading = this.querySelector("thead").rows[0].cells[column]
    this.sort(Number(column), heading ? (heading.matches(".n") ? "descending" : "ascending") : "none")
  }

  sort(column, direction) {
    for (const heading of this.querySelectorAll("thead th")) heading.removeAttribute("aria-sort")
    if (direction !== "none") this.querySelector("thead").rows[0].cells[column].setAttribute("aria-sort", direction)
    const sign = direction === "descending" ? -1 : 1
    const sorted = direction === "none" ? this.rows : this.rows.toSorted((a, b) => sign * compare(a.cells[column], b.cells[column]))
    this.body.append(...sorted)
  }
}

function compare(a, b) {
  const [left, right] = [a.dataset.v, b.dataset.v]
  if (left === undefined || right === undefined) return text.compare(a.textContent, b.textContent)
  const [x, y] = [number(left), number(right)]
  return Number.isNaN(x) || Number.isNaN(y) ? text.compare(left, right) : x === y ? 0 : x - y
}

/** Nothing counted is less than everything; days stand as text. */
const number = (value) => (value === "-inf" ? -Infinity : Number(value))

customElements.define("report-table", ReportTable)
