package smtp

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"relance/internal/campaign"
)

func TestWhichAddressesAreDialled(t *testing.T) {
	t.Parallel()
	const (
		always  = "no"       // refused for everybody
		typed   = "typed"    // refused where a person has typed it
		unplain = "without"  // refused without TLS where a person has typed it
		never   = "anywhere" // dialled
	)
	for text, refused := range map[string]string{
		"169.254.169.254": always, "::ffff:169.254.169.254": always, "64:ff9b::a9fe:a9fe": always, "fd00:ec2::254": always, "169.254.170.2": always,
		"100.100.100.200": always, "224.0.0.1": always, "ff02::1": always, "ff01::1": always,
		"169.254.7.7": typed, "fe80::1": typed, "fe80::1%eth0": typed, "febf::1": typed, "::ffff:169.254.7.7": typed, "0.0.0.0": typed, "::": typed,
		"10.0.0.5": unplain, "192.0.2.1": unplain, "2001:db8::1": unplain, "fd00::1": unplain,
		"127.0.0.1": never, "127.9.9.9": never, "::1": never, "::ffff:127.0.0.1": never,
	} {
		address := netip.MustParseAddr(text)
		encrypted, plain := campaign.SMTP{Host: "mail.example", TLS: campaign.TLSStartTLS}, campaign.SMTP{Host: "mail.example", TLS: campaign.TLSNone}
		everywhere := caution{typed: true, trusted: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}
		for name, test := range map[string]struct {
			of   caution
			smtp campaign.SMTP
			when []string
		}{
			"a worker":                  {caution{}, plain, []string{always}},
			"typed":                     {caution{typed: true}, encrypted, []string{always, typed}},
			"typed, without TLS":        {caution{typed: true}, plain, []string{always, typed, unplain}},
			"typed, as it was":          {caution{typed: true, plain: true}, plain, []string{always, typed}},
			"typed, in a trusted net":   {everywhere, encrypted, []string{always}},
			"without TLS, trusted, too": {everywhere, plain, []string{always}},
		} {
			err := test.of.judge(test.smtp, address)
			var forbidden *Forbidden
			if slices.Contains(test.when, refused) {
				require.ErrorAs(t, err, &forbidden, "%s at %s", name, text)
				require.Contains(t, err.Error(), "mail.example is at "+text+", which is ")
			} else {
				require.NoError(t, err, "%s at %s", name, text)
			}
		}
	}
}

// A name leads where its DNS says at the moment of the dial: nothing before it counts.
func TestANameIsJudgedByWhereItLeads(t *testing.T) {
	t.Parallel()
	resolver := resolverTo(t, netip.MustParseAddr("169.254.169.254"))
	for _, option := range []Option{WithCaution(nil, false), func(*options) {}} {
		pool := NewPool(option, func(o *options) { o.resolver = resolver }, WithTimeouts(5*time.Second, time.Second, time.Second))
		err := pool.Login(t.Context(), campaign.EmailAccount{Address: "maya@northwind.example", SMTP: campaign.SMTP{Host: "mail.evil.example", Port: 80, TLS: campaign.TLSStartTLS}})
		var lost *Unreachable
		require.ErrorAs(t, err, &lost)
		require.True(t, lost.Account)
		require.EqualError(t, err, "the mail server mail.evil.example is at 169.254.169.254, which is an address for the metadata of a cloud: no mail server is looked for there")
	}
}

// resolverTo is a DNS that has one answer.
func resolverTo(t *testing.T, address netip.Addr) *net.Resolver {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			var asked dnsmessage.Message
			if asked.Unpack(buffer[:n]) != nil || len(asked.Questions) != 1 {
				continue
			}
			answer := dnsmessage.Message{Header: dnsmessage.Header{ID: asked.ID, Response: true, Authoritative: true}, Questions: asked.Questions}
			if question := asked.Questions[0]; question.Type == dnsmessage.TypeA {
				answer.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: question.Class}, Body: &dnsmessage.AResource{A: address.As4()},
				}}
			}
			packed, err := answer.Pack()
			if err != nil {
				return
			}
			_, _ = socket.WriteTo(packed, from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
}
