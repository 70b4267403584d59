"""The browser's phone: /phone passes SIP on to the exchange's loopback websocket.

The session decides who may register: the page gets a secret that is good for a short time and for
its own extension; the password the exchange knows never leaves the service.
"""
