// The profile status of a customer, changed in the row itself.

import { menuKeys } from "./menu-keys.js"
import { ask, toast } from "./page.js"
import { place } from "./popovers.js"

let chip = null // whose status is being chosen

export function openStatusMenu(button) {
  chip = button
  const menu = document.getElementById("status-menu")
  const items = [...menu.querySelectorAll("[data-status]")]
  const now = button.querySelector("span").textContent
  for (const item of items) item.setAttribute("aria-checked", String(item.querySelector("span").textContent === now))
  menuKeys(menu, button)
  menu.showPopover({ source: button })
  place(menu, button)
  const current = items.find((item) => item.getAttribute("aria-checked") === "true") ?? items[0]
  current?.focus()
}

document.addEventListener("click", async (event) => {
  const item = event.target.closest("#status-menu [data-status]")
  if (!item || !chip) return
  const button = chip
  document.getElementById("status-menu").hidePopover()
  button.focus()
  button.disabled = true
  try {
    await ask(`/customers/${button.dataset.statusOf}/status`, { method: "POST", form: { status: item.dataset.status } })
    button.querySelector("span").textContent = item.querySelector("span").textContent
    button.querySelector(".dot").className = `dot k-${item.dataset.dot}`
  } catch (error) {
    toast(error.message, "bad")
  }
  button.disabled = false
  button.focus()
})
