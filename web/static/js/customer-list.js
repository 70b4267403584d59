// A list of customers: what is selected in it, the menu of a row, the status changed in place.

import { go } from "./page.js"
import { openRowMenu } from "./row-menu.js"
import { openStatusMenu } from "./row-status.js"
import { _ } from "./words.js"

class CustomerList extends HTMLElement {
  #last = null // the tick that was set before: shift goes from there to here
  #whole = false // all that the list is narrowed to, not only what is on this page

  connectedCallback() {
    this.bar = this.querySelector(".bulk")
    this.addEventListener("click", (event) => this.#click(event))
    this.addEventListener("change", (event) => this.#change(event))
    this.addEventListener("keydown", (event) => this.#key(event))
  }

  get ticks() {
    return [...this.querySelectorAll("tbody input[type=checkbox]")]
  }

  /** What is done, is done with these: parameters of an address. */
  get selection() {
    const filter = this.bar.dataset.filter.replace(/^\?/, "")
    if (this.#whole) return new URLSearchParams(`${filter}&all=1`)
    const ids = this.ticks.filter((tick) => tick.checked).map((tick) => tick.value)
    const chosen = new URLSearchParams({ ids: ids.join(",") })
    if (this.dataset.tab === "unassigned") chosen.set("tab", "unassigned")
    return chosen
  }

  clear() {
    for (const tick of this.ticks) tick.checked = false
    this.#show()
  }

  #click(event) {
    const { target } = event
    const menu = target.closest("[data-menu-of]")
    if (menu) return openRowMenu(menu, menu.dataset.menuOf)
    const quick = target.closest("[data-quick]")
    if (quick) return openIn(document.getElementById("list-dialog"), `/customers/${quick.dataset.quick}/activities/new`)
    const chip = target.closest("[data-status-of]")
    if (chip) return openStatusMenu(chip)
    if (target.closest("[data-none]")) return this.clear()
    if (target.closest("[data-whole]")) return this.#show(true)
    const act = target.closest(".bulk a[data-path]")
    if (act) {
      event.preventDefault()
      follow(act, `${act.dataset.path}?${this.selection}`)
    } else if (target.matches("tbody input[type=checkbox]")) this.#range(target, event.shiftKey)
  }

  #range(tick, shift) {
    const ticks = this.ticks
    const [from, to] = [ticks.indexOf(this.#last), ticks.indexOf(tick)].sort((a, b) => a - b)
    if (shift && from >= 0) for (const each of ticks.slice(from, to + 1)) each.checked = tick.checked
    this.#last = tick
    this.#show()
  }

  #change({ target }) {
    if (!target.matches("[data-all]")) return
    for (const tick of this.ticks) tick.checked = target.checked
    this.#show()
  }

  // Arrows go from tick to tick, with shift they take those they pass along; Escape lets all go.
  #key(event) {
    if (event.key === "Escape" && !this.bar.hidden && !document.querySelector(":popover-open, dialog[open]")) {
      event.preventDefault()
      event.stopPropagation()
      return this.clear()
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step || !event.target.matches("tbody input[type=checkbox]")) return
    const next = this.ticks[this.ticks.indexOf(event.target) + step]
    if (!next) return
    event.preventDefault()
    if (event.shiftKey) {
      event.target.checked = next.checked = true
      this.#last = next
      this.#show()
    }
    next.focus()
  }

  #show(whole = false) {
    this.#whole = whole
    const { bar } = this
    const ticked = this.ticks.filter((tick) => tick.checked)
    const complete = ticked.length > 0 && ticked.length === this.ticks.length
    for (const tick of this.ticks) {
      const row = tick.closest("tr")
      tick.checked ? row.setAttribute("aria-selected", "true") : row.removeAttribute("aria-selected")
    }
    for (const all of this.querySelectorAll("[data-all]")) {
      all.checked = complete
      all.indeterminate = ticked.length > 0 && !complete
    }
    bar.hidden = !ticked.length
    const button = bar.querySelector("[data-whole]")
    button.hidden = whole || !complete || !bar.dataset.more
    const n = whole ? bar.dataset.shown : ticked.length
    bar.querySelector("[data-count]").textContent = _("{n} selected", { n })
  }
}

/** Where an action leads: over the list, or to a page of its own. */
export async function follow(link, path) {
  const dialog = document.getElementById("list-dialog")
  if (!("dialog" in link.dataset) || !dialog) return go(path)
  return openIn(dialog, path)
}

async function openIn(dialog, path) {
  await window.htmx.ajax("GET", path, { source: dialog, target: dialog, swap: "innerHTML ignoreTitle:true" })
  dialog.querySelector("[data-toast]")?.remove()
  const head = dialog.querySelector("h1, h2")
  if (head) {
    head.id ||= "list-dialog-head"
    dialog.setAttribute("aria-labelledby", head.id)
  }
  if (!dialog.open) dialog.showModal()
}

// A dialog's own way back is to close it.
document.addEventListener("click", (event) => {
  const dialog = event.target.closest("dialog#list-dialog")
  if (!dialog) return
  if (event.target === dialog) dialog.close()
  if (!event.target.closest("[data-cancel]")) return
  event.preventDefault()
  event.stopPropagation()
  dialog.close()
}, true)

customElements.define("customer-list", CustomerList)
