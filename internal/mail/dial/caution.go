package dial

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"

	"relance/internal/campaign"
)

// Forbidden says that a server is at an address that is not dialled. Nothing has been
// sent.
type Forbidden struct {
	Host    string
	Address netip.Addr
	// Plain is true when only an unencrypted login is forbidden there.
	Plain bool

	what string
}

func (e *Forbidden) Error() string {
	where := "the mail server " + e.Host
	if address := e.Address.String(); address != e.Host {
		where += " is at " + address + ", which"
	}
	if e.Plain {
		return where + " is not this machine: without TLS the password could be read on the way; choose starttls or implicit, or name the network in RELANCE_SMTP_NETWORKS"
	}
	return fmt.Sprintf("%s is %s: no mail server is looked for there", where, e.what)
}

// Caution is which addresses are dialled. It is asked when the name has been resolved
// and before anything is sent, for each address that is tried.
//
// The zero value refuses metadata and multicast addresses, at which no account can ever
// have worked. More would stop accounts that work.
type Caution struct {
	// Typed is true for settings that a person has just typed: no server is dialled at an
	// address of the link, at the unspecified one, and without TLS at none but this
	// machine's, unless it is in a trusted network.
	Typed   bool
	Trusted []netip.Prefix
	// Plain allows an unencrypted login anywhere, for the settings that an account has had
	// before.
	Plain bool
}

// metadata are the addresses at which clouds give programs their secrets: of AWS, Azure,
// Google and most others, of tasks and pods on AWS, of Alibaba, Oracle and Azure's host.
var metadata = []netip.Addr{
	netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("169.254.170.2"), netip.MustParseAddr("169.254.170.23"),
	netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("fd00:ec2::23"), netip.MustParseAddr("fd20:ce::254"),
	netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("192.0.0.192"), netip.MustParseAddr("168.63.129.16"),
}

// nat64 is where a gateway makes IPv4 addresses of the last four bytes (RFC 6052 §2.1).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// Judge is why an address of the host is not dialled, a *Forbidden; nil when it is.
func (c Caution) Judge(host string, mode campaign.TLS, address netip.Addr) error {
	refuse := &Forbidden{Host: host, Address: address}
	address = address.Unmap().WithZone("")
	if nat64.Contains(address) {
		bytes := address.As16()
		address = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	trusted := slices.ContainsFunc(c.Trusted, func(network netip.Prefix) bool { return network.Contains(address) })
	switch {
	case slices.Contains(metadata, address):
		refuse.what = "an address for the metadata of a cloud"
	case address.IsMulticast():
		refuse.what = "a multicast address"
	case !c.Typed, trusted:
		return nil
	case address.IsUnspecified():
		refuse.what = "the unspecified address"
	case address.IsLinkLocalUnicast():
		refuse.what = "a link-local address"
	case mode == campaign.TLSNone && !address.IsLoopback() && !c.Plain:
		refuse.Plain = true
	default:
		return nil
	}
	return refuse
}

// Dialer dials what is allowed. A nil resolver is the system's.
func (c Caution) Dialer(host string, mode campaign.TLS, resolver *net.Resolver) *net.Dialer {
	return &net.Dialer{Resolver: resolver, ControlContext: func(_ context.Context, _, to string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(to)
		if err != nil {
			return fmt.Errorf("%s is no address: %w", to, err)
		}
		return c.Judge(host, mode, at.Addr())
	}}
}
