"""Stands in for a server behind a TCP listener: says its greeting first, and then each line back."""

import socketserver
import sys


class Lines(socketserver.StreamRequestHandler):
    def handle(self):
        if len(sys.argv) > 2:
            self.wfile.write(sys.argv[2].encode() + b"\r\n")
        for line in self.rfile:
            self.wfile.write(line)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


address, port = sys.argv[1].rsplit(":", 1)
with Server((address, int(port)), Lines) as server:
    server.serve_forever()
