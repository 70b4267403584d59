// The shell: pages change inside #page by htmx, everything around it lives on.

import "./theme.js"
import "./search.js"
import "./forms.js"
import "./fresh.js"
import "./period.js"
import "./items.js"
import "./customer-form.js"
import "./place-picker.js"
import "./in-place.js"
import "./status-menu.js"
import "./notes.js"
import "./jobs.js"
import "./popovers.js"
import "./customer-list.js"
import "./share-form.js"
import "./given.js"
import "./to-finish.js"
import "./callbacks.js"
import "./attach.js"
import "./next-action.js"
import "./wrap-status.js"
import "./late.js"
import "./copy.js"
import "./tick-list.js"
import "./report-table.js"
import "./day-lines.js"
import "./pick-list.js"
import "./zoom-chart.js"
import { ask, csrf, go, toast } from "./page.js"
import { _ } from "./words.js"

const page = document.getElementById("page")
let settled = null // the request whose answer is on the page
const scrolled = new Map() // address -> how far down one had read

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = csrf()
})

document.addEventListener("htmx:beforeRequest", () => {
  scrolled.set(location.pathname + location.search, page.scrollTop)
})

document.addEventListener("htmx:afterSettle", (event) => {
  const { target, xhr, requestConfig } = event.detail
  if (target !== page || xhr === settled) return // it is told once for each new element
  settled = xhr
  arrived()
  const { elt } = requestConfig
  if (elt.matches("[data-stay]") || elt.closest("form[data-stay]")) return // it was drawn anew, or is being narrowed
  page.scrollTop = 0
  window.scrollTo(0, 0)
  const wrong = [...page.querySelectorAll('[aria-invalid="true"], .clash input')].find((field) => field.checkVisibility())
  ;(wrong ?? beginning())?.focus({ preventScroll: true })
  wrong?.scrollIntoView({ block: "center" }) // with its label above and its sentence below
})

document.addEventListener("htmx:historyRestore", () => {
  arrived()
  page.scrollTop = scrolled.get(location.pathname + location.search) ?? 0
})

document.addEventListener("htmx:sendError", () => toast(_("The service cannot be reached. Try again."), "bad"))

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false
  }
})

document.addEventListener("keydown", (event) => {
  const menu = document.querySelector("details[data-menu][open]")
  if (event.key !== "Escape" || !menu) return
  menu.open = false
  menu.querySelector("summary").focus()
})

// The shell is not drawn again, so the page it comes back to is known only now.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-here]")) event.target.next.value = location.pathname + location.search
})

function beginning() {
  const field = page.querySelector("[autofocus]") // a form begins at its first field
  const first = page.querySelector("h1")
  if (first) first.tabIndex = -1
  return field ?? first
}

function arrived() {
  const here = location.pathname
  for (const item of document.querySelectorAll(".nav__item[data-place]")) {
    const places = item.dataset.place.split(" ")
    const current = places.some((place) => (place === "/" ? here === "/" : here.startsWith(place)))
    current ? item.setAttribute("aria-current", "page") : item.removeAttribute("aria-current")
  }
  showTab()
  say()
}

/** On a phone the tab of this page may be beside the screen. */
function showTab() {
  page.querySelector(".tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" })
}

async function takeBack(address) {
  try {
    const { message } = await ask(address, { method: "POST" })
    await go(location.pathname + location.search)
    toast(message)
  } catch (error) {
    toast(error.message, "bad")
  }
}

function say() {
  const note = page.querySelector("[data-toast]")
  if (note) {
    const { undo } = note.dataset
    toast(note.textContent, "ok", undo && { words: _("Undo"), run: () => takeBack(undo) })
    note.remove()
  }
}

showTab()
say()
