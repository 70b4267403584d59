// What a colleague has just done for me, said at the corner: "An has shared the customer Lan with you."

import { live } from "./events.js"
import { go, toast } from "./page.js"
import { _ } from "./words.js"

live.addEventListener("note", ({ detail }) => {
  if (detail.what !== "shared") return
  toast(_("{by} has shared the customer {name} with you.", { by: detail.by, name: detail.name }))
  const said = document.getElementById("toasts").lastElementChild.querySelector("span")
  const link = Object.assign(document.createElement("a"), { className: "link", href: `/customers/${detail.id}`, textContent: _("Open") })
  link.addEventListener("click", (event) => {
    event.preventDefault()
    go(link.getAttribute("href"))
  })
  said.append(" ", link)
})
