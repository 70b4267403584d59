// Menus that float (popover): where they stand, and those that apply a form when they close.

const EDGE = 8

/** Below the button, or above where there is no room; never beyond the window. */
export function place(menu, button) {
  const box = button.getBoundingClientRect()
  menu.style.inset = "auto"
  menu.style.margin = "0"
  const { offsetWidth: width, offsetHeight: height } = menu
  const below = box.bottom + 4
  const top = below + height > innerHeight - EDGE ? Math.max(EDGE, box.top - height - 4) : below
  const left = menu.matches(".menu--end") || box.left + width > innerWidth - EDGE ? box.right - width : box.left
  menu.style.top = `${top}px`
  menu.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`
}

const contents = (menu) => [...menu.querySelectorAll("input, select")].map((each) => (each.type === "checkbox" ? each.checked : each.value)).join("\n")

document.addEventListener("toggle", ({ target: menu, newState }) => {
  if (!menu.matches?.("[popover][data-below]")) return
  const button = document.getElementById(menu.dataset.below)
  button?.setAttribute("aria-expanded", String(newState === "open"))
  if (newState === "open") {
    if (button) place(menu, button)
    menu.dataset.before = contents(menu)
    menu.querySelector("input, select")?.focus()
  } else if (menu.matches("[data-apply]") && menu.isConnected && menu.dataset.before !== contents(menu)) {
    menu.dataset.before = contents(menu)
    menu.closest("form").requestSubmit()
  }
}, true)

// What was chosen in a menu is on its way: the menu need not say it a second time as it closes.
document.addEventListener("submit", ({ target: form }) => {
  for (const menu of form.querySelectorAll("[popover][data-apply]")) menu.dataset.before = contents(menu)
}, true)

// Something was wrong with what a menu sent: it opens again with the words about it.
document.addEventListener("htmx:afterSettle", () => {
  document.querySelector("[popover][data-open]:not(:popover-open)")?.showPopover()
})

addEventListener("resize", () => {
  for (const menu of document.querySelectorAll("[popover][data-below]:popover-open")) {
    place(menu, document.getElementById(menu.dataset.below))
  }
})
