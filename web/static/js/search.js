// One box over all customers: results while typing, arrows, Enter opens, Ctrl+Enter calls. Who has the digits in the
// middle of a number is asked for after those who have them at its end: it takes longest.

import { ask, go } from "./page.js"
import { _ } from "./words.js"

class QuickSearch extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input")
    this.list = this.querySelector("ul")
    this.one = this.querySelector("template")
    this.rest = this.querySelector("template[data-all]")
    this.input.addEventListener("input", () => this.later())
    this.input.addEventListener("keydown", (event) => this.key(event))
    this.input.addEventListener("focus", () => this.list.children.length && this.open(true))
    this.list.addEventListener("mousedown", (event) => event.preventDefault()) // keep the focus
    this.list.addEventListener("click", (event) => this.chosen(event))
    this.addEventListener("focusout", (event) => this.contains(event.relatedTarget) || this.close())
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault()
        this.begin()
      }
    })
    document.querySelector("[data-search-open]")?.addEventListener("click", () => this.begin())
  }

  begin() {
    this.dataset.open = ""
    this.input.focus()
    this.input.select()
  }

  later() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.find(), 120)
  }

  async find() {
    const asked = this.input.value.trim(), isMeant = () => asked === this.input.value.trim()
    if (!asked) return this.show({ customers: [] }, asked)
    const path = `/customers/search?q=${encodeURIComponent(asked)}`
    try {
      const first = await ask(`${path}&quick=1`)
      if (!isMeant()) return
      if (first.customers.length || first.more !== "pieces") this.show(first, asked)
      if (first.more !== "pieces") return
      const whole = await ask(path)
      if (isMeant()) first.customers.length ? this.add(whole, asked) : this.show(whole, asked)
    } catch (error) {
      if (isMeant()) this.hint(error.message)
    }
  }

  show(found, asked) {
    this.list.replaceChildren()
    this.add(found, asked)
    if (asked && !found.customers.length) this.hint(_("Nobody found for “{asked}”.", { asked }))
    this.open(Boolean(asked))
    this.select(found.customers.length ? 0 : -1)
  }

  /** Below those that are there already, which stay where somebody may be about to press. */
  add({ customers, more }, asked) {
    const there = new Set(this.options.map((option) => option.querySelector("a").getAttribute("href")))
    for (const customer of customers) {
      if (!there.has(`/customers/${customer.id}`)) this.list.append(this.row(customer, this.list.children.length))
    }
    if (more === "list") this.list.append(this.all(asked))
  }

  all(asked) {
    const row = this.rest.content.cloneNode(true).firstElementChild
    row.id = "quick-all"
    row.querySelector("a").href = `/customers?q=${encodeURIComponent(asked)}`
    row.querySelector("span").textContent = _("Show all found for “{asked}”", { asked })
    return row
  }

  row(customer, place) {
    const row = this.one.content.cloneNode(true).firstElementChild
    row.id = `quick-${place}`
    row.querySelector("a").href = `/customers/${customer.id}`
    row.querySelector(".avatar").textContent = customer.initials
    row.querySelector("b").textContent = customer.name
    row.querySelector(".xs").textContent = [customer.company, customer.owner && _("Owner: {name}", { name: customer.owner })].filter(Boolean).join(" · ")
    row.querySelector(".tel").textContent = customer.shown
    const call = row.querySelector("button")
    Object.assign(call.dataset, { call: customer.number, customer: customer.id })
    call.title = call.ariaLabel = _("Call {name}", { name: customer.name })
    call.hidden = !customer.number
    return row
  }

  hint(text) {
    const row = document.createElement("li")
    row.className = "hint"
    row.textContent = text
    this.list.replaceChildren(row)
    this.open(true)
  }

  get options() {
    return [...this.list.querySelectorAll("[role=option]")]
  }

  select(place) {
    this.place = place
    this.options.forEach((option, each) => option.setAttribute("aria-selected", each === place))
    const chosen = this.options[place]
    chosen?.scrollIntoView({ block: "nearest" })
    chosen ? this.input.setAttribute("aria-activedescendant", chosen.id) : this.input.removeAttribute("aria-activedescendant")
  }

  key(event) {
    const options = this.options
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      const step = event.key === "ArrowDown" ? 1 : -1
      if (options.length) this.select((this.place + step + options.length) % options.length)
    } else if (event.key === "Enter" && options[this.place]) {
      event.preventDefault()
      if (event.ctrlKey || event.metaKey) options[this.place].querySelector("[data-call]")?.click()
      else this.visit(options[this.place])
    } else if (event.key === "Escape") {
      this.input.blur()
      this.close()
    }
  }

  chosen(event) {
    const option = event.target.closest("[role=option]")
    if (!option || event.target.closest("[data-call]") || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    event.stopPropagation()
    this.visit(option)
  }

  visit(option) {
    this.input.value = ""
    this.list.replaceChildren()
    this.input.blur()
    this.close()
    go(option.querySelector("a").getAttribute("href"))
  }

  open(yes) {
    this.list.hidden = !yes
    this.input.setAttribute("aria-expanded", yes)
  }

  close() {
    this.open(false)
    delete this.dataset.open
  }
}

customElements.define("quick-search", QuickSearch)
