// A caller nobody knows is somebody we know: find the customer, press once, and the number is theirs.

import { live } from "./events.js"
import { ask, go, toast } from "./page.js"
import { _ } from "./words.js"

const PAUSE_MS = 120
const dialog = document.getElementById("attach")
const field = dialog?.querySelector("input")
const list = dialog?.querySelector("ul")
const trouble = dialog?.querySelector(".err")
let number = ""
let timer, asking
let place = -1

const part = (name) => dialog.querySelector(`[data-part=${name}]`)
const options = () => [...list.querySelectorAll("[role=option]")]

export function attach(raw) {
  number = raw
  const call = [...live.calls.values()].find((each) => each.number === raw)
  part("number").textContent = call?.shown ?? raw
  part("new").href = `/customers/new?number=${encodeURIComponent(raw)}`
  field.value = ""
  complain("")
  show([])
  dialog.showModal()
  field.focus()
}

function complain(words) {
  trouble.hidden = !words
  trouble.querySelector("span").textContent = words
}

async function find() {
  const asked = field.value.trim()
  asking?.abort()
  if (!asked) return show([])
  asking = new AbortController()
  try {
    const { customers, more } = await ask(`/customers/search?q=${encodeURIComponent(asked)}`)
    if (asked !== field.value.trim()) return
    show(customers, asked)
    if (more === "list") hint(_("There are more: type more of the name, the number or the code."))
  } catch (error) {
    complain(error.message)
  }
}

function show(customers, asked = "") {
  list.replaceChildren(...customers.map(row))
  field.setAttribute("aria-expanded", String(customers.length > 0))
  if (asked && !customers.length) hint(_("Nobody found for “{asked}”.", { asked }))
  select(customers.length ? 0 : -1)
}

function hint(words) {
  const line = document.createElement("li")
  line.className = "hint"
  line.textContent = words
  list.append(line)
}

function row(customer, at) {
  const made = document.getElementById("attach-row").content.cloneNode(true).firstElementChild
  made.id = `attach-${at}`
  made.dataset.id = customer.id
  made.querySelector(".avatar").textContent = customer.initials
  made.querySelector("b").textContent = customer.name
  made.querySelector(".xs").textContent = [customer.company, customer.owner && _("Owner: {name}", { name: customer.owner })].filter(Boolean).join(" · ")
  made.querySelector(".tel").textContent = customer.shown
  return made
}

function select(at) {
  place = at
  options().forEach((option, each) => option.setAttribute("aria-selected", String(each === at)))
  const chosen = options()[at]
  chosen?.scrollIntoView({ block: "nearest" })
  chosen ? field.setAttribute("aria-activedescendant", chosen.id) : field.removeAttribute("aria-activedescendant")
}

async function choose(option) {
  const name = option.querySelector("b").textContent
  complain("")
  try {
    await ask(`/api/v1/customers/${option.dataset.id}/numbers`, { method: "POST", json: { number } })
  } catch (error) {
    return complain(error.message)
  }
  dialog.close()
  toast(_("The number is {name}’s now.", { name }), "ok", { words: _("Open"), href: `/customers/${option.dataset.id}` })
  const page = document.querySelector("#page callback-inbox, #page [data-attach], #page [data-fresh]")
  if (page) go(location.pathname + location.search)
}

function key(event) {
  const all = options()
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault()
    const step = event.key === "ArrowDown" ? 1 : -1
    if (all.length) select((place + step + all.length) % all.length)
  } else if (event.key === "Enter") {
    event.preventDefault()
    if (all[place]) choose(all[place])
  } else if (event.key === "Escape") {
    event.preventDefault() // a field for searching would only empty itself
    dialog.close()
  }
  event.stopPropagation() // the phone has keys of its own
}

if (dialog) {
  field.addEventListener("input", () => {
    clearTimeout(timer)
    timer = setTimeout(find, PAUSE_MS)
  })
  dialog.addEventListener("keydown", key)
  dialog.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]")
    const link = event.target.closest("a[href]")
    if (option) choose(option)
    else if (event.target.closest("[data-close]") || event.target === dialog) dialog.close()
    else if (link) {
      event.preventDefault()
      dialog.close()
      go(link.getAttribute("href"))
    }
  })
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-attach]")
    if (!button) return
    event.preventDefault()
    attach(button.dataset.attach)
  })
}
