// One recording after the other, without leaving the list of calls: the line below, or above, unfolds and plays.

import { toast } from "./page.js"
import { _ } from "./words.js"

const OF_LINE = "[data-unfold][aria-expanded]"

/** From the line that `player` is unfolded below to the next with a recording (`by` 1), or the one before it (-1). Says
 * whether the player is in a list at all. */
export function step(player, by) {
  const open = player.closest("tr.open")
  if (!open) return false
  const lines = [...open.parentElement.querySelectorAll(":scope > tr:not(.open)")]
  const recorded = lines.filter((line) => line === open.previousElementSibling || line.querySelector("[data-then=play]"))
  const next = recorded[recorded.indexOf(open.previousElementSibling) + by]
  if (next) walk(open.previousElementSibling, next)
  else leaf(by)
  return true
}

function walk(from, to) {
  from.querySelector(OF_LINE).click()
  to.querySelector("[data-then=play]").click()
  to.scrollIntoView({ block: "nearest" })
}

/** The list goes on, on its next page. */
function leaf(by) {
  const link = document.querySelector(`#page .pager [rel=${by > 0 ? "next" : "prev"}]`)
  if (!link) return toast(by > 0 ? _("That was the last recording of the list.") : _("That was the first recording of the list."))
  document.addEventListener("htmx:afterSettle", () => begin(by), { once: true })
  link.click()
}

function begin(by) {
  const buttons = [...document.querySelectorAll("#page [data-then=play]")]
  buttons.at(by > 0 ? 0 : -1)?.click()
}
