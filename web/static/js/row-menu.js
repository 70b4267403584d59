// The menu of a row: one for the whole list, told which customer it is about as it opens.

import { follow } from "./customer-list.js"
import { menuKeys } from "./menu-keys.js"
import { place } from "./popovers.js"

export function openRowMenu(button, id) {
  const menu = document.getElementById("row-menu")
  const name = button.closest("tr").querySelector(".who b").textContent
  menu.setAttribute("aria-label", menu.dataset.name.replace("{name}", name))
  for (const link of menu.querySelectorAll("[data-path]")) link.href = link.dataset.path.replace("{id}", id)
  menuKeys(menu, button)
  menu.showPopover({ source: button })
  place(menu, button)
  menu.querySelector("[role=menuitem]")?.focus()
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("#row-menu a")
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  document.getElementById("row-menu").hidePopover()
  follow(link, link.getAttribute("href"))
})
