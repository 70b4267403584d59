// Somebody gave us customers: it is said at once, wherever we are.

import { live } from "./events.js"
import { toast } from "./page.js"
import { _, _n } from "./words.js"

live.addEventListener("given", ({ detail }) => {
  const text = _n("{n} customer was given to you.", "{n} customers were given to you.", detail.count)
  toast(text, "ok", { words: _("Show"), href: "/customers" })
})
