"""One client, several addresses: each connection offers what the one before it got. Arguments: host name, CA file, "1.2",
"1.2-no-ticket" or "1.3", addresses. For each connection prints whether Python saw it resumed, then the node's report."""

import socket
import ssl
import sys

host, ca, version, *addresses = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_3 if version == "1.3" else ssl.TLSVersion.TLSv1_2
if version.endswith("no-ticket"):
    context.options |= ssl.OP_NO_TICKET

session = None
for address in addresses:
    name, port = address.split(":")
    with socket.create_connection((name, int(port)), timeout=20) as plain:
        with context.wrap_socket(plain, server_hostname=host, session=session) as secured:
            secured.sendall(f"GET /.well-known/reprise/handshake HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while part := secured.recv(65536):
                answer += part
            print("resumed", str(secured.session_reused).lower())
            print(answer.split(b"\r\n\r\n", 1)[1].decode(), end="")
            session = secured.session  # read last: TLS 1.3 tickets come after the handshake
