// Why a call did not come about, in words.

import { _ } from "./words.js"

const WRONG = new Set([1, 22, 28])
const CONGESTED = new Set([34, 38, 41, 42, 44, 47])

export function why({ result, cause }) {
  switch (result) {
    case "busy":
      return _("The number is busy.")
    case "no_answer":
      return _("Nobody answered.")
    case "rejected":
      return _("The call was rejected.")
    case "cancelled":
      return _("The call was ended before anybody answered.")
    case "failed":
      return _("Your phone did not answer, so the customer was not called.")
    case "unreachable":
      if (WRONG.has(cause)) return _("This number does not exist.")
      return CONGESTED.has(cause) ? _("The network is congested. Try again in a while.") : _("The number cannot be reached.")
    default:
      return _("The call could not be made.")
  }
}
