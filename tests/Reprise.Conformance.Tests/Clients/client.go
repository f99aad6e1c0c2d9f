// One client, several addresses: each connection offers what the one before it got. Arguments: host name, CA file, "1.2" or
// "1.3", addresses. For each connection prints whether Go saw it resumed, then the node's report.
package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	host, ca, version, addresses := os.Args[1], os.Args[2], os.Args[3], os.Args[4:]
	pem, err := os.ReadFile(ca)
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	versions := map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}
	config := &tls.Config{
		ServerName:         host,
		RootCAs:            roots,
		MinVersion:         versions[version],
		MaxVersion:         versions[version],
		ClientSessionCache: tls.NewLRUClientSessionCache(8),
	}
	for _, address := range addresses {
		visit(address, config)
	}
}

func visit(address string, config *tls.Config) {
	connection, err := tls.DialWithDialer(&net.Dialer{Timeout: 20 * time.Second}, "tcp", address, config)
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprintf(connection, "GET /.well-known/reprise/handshake HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", config.ServerName)
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		log.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("resumed %v\n%s", connection.ConnectionState().DidResume, body)
}
