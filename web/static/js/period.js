// The days of a list: typed as 21/11/2026 and checked before they are asked for.

import { _ } from "./words.js"

const TYPED = /^(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{4}))?$/
const EXAMPLE = "21/11/2026"

let applied = false

/** 2026-11-21 for 21/11/2026, or for 21/11 in that year; "" for nothing, null for what is no day. */
export function iso(text) {
  if (!text.trim()) return ""
  const typed = text.trim().match(TYPED)
  if (!typed) return null
  const [day, month, year] = [typed[1], typed[2], typed[3] ?? new Date().getFullYear()].map(Number)
  const found = new Date(Date.UTC(year, month - 1, day))
  return found.getUTCMonth() === month - 1 && found.getUTCDate() === day ? found.toISOString().slice(0, 10) : null
}

document.addEventListener("toggle", ({ target, newState }) => {
  if (target.matches?.(".days") && newState === "open") target.querySelector("input").select()
}, true)

// Before htmx sends the form.
document.addEventListener("submit", (event) => {
  const menu = event.target.querySelector(".days")
  if (!menu) return
  const wrong = [...menu.querySelectorAll("[data-day]")].filter(mark)
  applied = menu.matches(":popover-open") && !wrong.length
  if (!wrong.length) return
  event.preventDefault()
  event.stopPropagation()
  tell(menu, wrong[0])
}, true)

// Addresses hold days as programs write them.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (!detail.elt.querySelector?.(".days")) return
  for (const name of ["since", "until"]) {
    const day = iso(detail.formData.get(name) ?? "")
    day ? detail.formData.set(name, day) : detail.formData.delete(name)
  }
})

document.addEventListener("htmx:afterSettle", () => {
  if (applied) document.getElementById("period")?.focus()
  applied = false
})

function mark(field) {
  const wrong = iso(field.value) === null
  field.setAttribute("aria-invalid", String(wrong))
  wrong ? field.setAttribute("aria-describedby", "period-error") : field.removeAttribute("aria-describedby")
  return wrong
}

function tell(menu, field) {
  const error = menu.querySelector(".err")
  error.hidden = false
  error.querySelector("span").textContent = _("“{word}” is not a day. Write it like {example}.", { word: field.value, example: EXAMPLE })
  if (!menu.matches(":popover-open")) menu.showPopover()
  field.focus()
}
