// Whether the page may use the microphone; if not, why, and what to do about it.

import { _ } from "./words.js"

/** null, or {short, why}. Asks the person when the browser wants that. */
export async function microphoneTrouble(constraints) {
  if (!navigator.mediaDevices?.getUserMedia) {
    return {
      short: _("not allowed on this address"),
      why: _("Browsers give the microphone only to pages at localhost or over HTTPS. Ask an administrator to set up a certificate, or open this page over https://."),
    }
  }
  try {
    const stream = await navigator.mediaDevices.getUserMedia(constraints)
    for (const track of stream.getTracks()) track.stop()
    return null
  } catch (error) {
    return { short: _("not allowed"), why: words(error.name) }
  }
}

function words(name) {
  switch (name) {
    case "NotFoundError":
      return _("No microphone was found. Plug in a headset and try again.")
    case "NotReadableError":
      return _("Another program is using the microphone. Close it and try again.")
    default:
      return _("The browser does not let this page use the microphone. Allow it beside the address and try again.")
  }
}
