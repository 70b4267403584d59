// The days of a list: typed as 21/11/2026 and checked before they are asked for.

import { _ } from "./words.js"

const TYPED = /^(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{4}))?$/
const EXAMPLE = "21/11/2026"
const GAP = 4 // px below the button
const EDGE = 8 // px from the side of the window

let applied = false

/** Whether there is such a day, in this year if none is typed; nothing is open on that side. */
export function isDay(text) {
  if (!text.trim()) return true
  const [, day, month, year = new Date().getFullYear()] = (text.trim().match(TYPED) ?? []).map(Number)
  const found = new Date(year, month - 1, day)
  return found.getMonth() === month - 1 && found.getDate() === day
}

document.addEventListener("beforetoggle", ({ target, newState }) => {
  if (!target.matches?.(".days") || newState !== "open") return
  const { left, bottom } = document.querySelector(`[popovertarget="${target.id}"]`).getBoundingClientRect()
  const width = parseFloat(getComputedStyle(target).width) || 0
  target.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`
  target.style.top = `${bottom + GAP}px`
}, true)

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

document.addEventListener("htmx:afterSettle", () => {
  if (applied) document.getElementById("period")?.focus()
  applied = false
})

function mark(field) {
  const wrong = !isDay(field.value)
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
