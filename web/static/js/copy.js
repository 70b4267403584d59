// <button data-copy="id">: what stands in that field is in the clipboard then.

import { toast } from "./page.js"
import { _ } from "./words.js"

document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]")
  if (!button) return
  const field = document.getElementById(button.dataset.copy)
  field.select()
  try {
    await navigator.clipboard.writeText(field.value)
    toast(_("Copied."))
  } catch {
    toast(_("Press Ctrl+C to copy it.")) // browsers that allow it over HTTPS only
  }
})
