"""How the production server runs; every name here is one of gunicorn's settings."""

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = 2
worker_class = "gthread"
threads = 4
# Pages that are being written when a worker stops still get their receipt.
graceful_timeout = 30
# Each worker opens the central file itself: an SQLite connection does not survive a fork.
preload_app = False
# An address and a user agent at a time of day would say who was where: no access log.
accesslog = None
# Nobody steers it through a socket, so none is left in the home folder.
control_socket_disable = True
