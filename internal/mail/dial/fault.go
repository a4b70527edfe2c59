package dial

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// said says an error in words and keeps it.
type said struct {
	words string
	err   error
}

func (e *said) Error() string { return e.words }
func (e *said) Unwrap() error { return e.err }

// Plain puts the usual ends of a connection into words.
func Plain(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return &said{"the server closed the connection", err}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return &said{"the server did not answer in time", err}
	}
	return err
}

// Fault says why a dial has failed. settings is true when those of the account are at
// fault, and trying again cannot help.
func Fault(host string, err error) (fault error, settings bool) {
	var dns *net.DNSError
	var forbidden *Forbidden
	switch {
	case errors.As(err, &forbidden):
		return forbidden, true
	case errors.As(err, &dns) && dns.IsNotFound:
		return &said{"there is no mail server with the name " + host, err}, true
	}
	return err, false
}

// TLSFault separates, of a failed TLS handshake, faults of the settings from faults of the
// network. implicit is the usual port for TLS from the first byte.
func TLSFault(host string, implicit int, err error) (fault error, settings bool) {
	var (
		network  net.Error
		notTLS   tls.RecordHeaderError
		hostname x509.HostnameError
		unknown  x509.UnknownAuthorityError
		invalid  x509.CertificateInvalidError
	)
	account := func(format string, args ...any) (error, bool) {
		return &said{fmt.Sprintf(format, args...), err}, true
	}
	switch {
	case errors.As(err, &notTLS):
		return account("the mail server %s does not speak TLS at once on this port: choose tls: starttls, or the port for implicit TLS (usually %d)", host, implicit)
	case errors.As(err, &hostname):
		return account("the certificate of the mail server is not for %s: use the name that it is for as the host", host)
	case errors.As(err, &unknown):
		return account("the certificate of the mail server %s is from an authority that is not known here", host)
	case errors.As(err, &invalid):
		return account("the certificate of the mail server %s is not valid: %v", host, invalid)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET),
		errors.Is(err, syscall.EPIPE), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &network) && network.Timeout(), strings.Contains(err.Error(), "internal error"):
		return Plain(err), false
	}
	return account("the mail server %s and we cannot agree on TLS: %v", host, err)
}
