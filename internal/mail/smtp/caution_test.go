package smtp

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"relance/internal/campaign"
)

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
