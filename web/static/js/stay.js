// With the document the call would go: whoever leaves it in a conversation is asked first.

import { phone } from "./phone.js"

addEventListener("beforeunload", (event) => {
  if ([...phone.sessions.values()].some((session) => session.isEstablished())) event.preventDefault()
})
