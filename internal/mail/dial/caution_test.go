package dial_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/mail/dial"
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
		encrypted, plain := campaign.TLSStartTLS, campaign.TLSNone
		everywhere := dial.Caution{Typed: true, Trusted: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}
		for name, test := range map[string]struct {
			of   dial.Caution
			mode campaign.TLS
			when []string
		}{
			"a worker":                  {dial.Caution{}, plain, []string{always}},
			"typed":                     {dial.Caution{Typed: true}, encrypted, []string{always, typed}},
			"typed, without TLS":        {dial.Caution{Typed: true}, plain, []string{always, typed, unplain}},
			"typed, as it was":          {dial.Caution{Typed: true, Plain: true}, plain, []string{always, typed}},
			"typed, in a trusted net":   {everywhere, encrypted, []string{always}},
			"without TLS, trusted, too": {everywhere, plain, []string{always}},
		} {
			err := test.of.Judge("mail.example", test.mode, address)
			var forbidden *dial.Forbidden
			if slices.Contains(test.when, refused) {
				require.ErrorAs(t, err, &forbidden, "%s at %s", name, text)
				require.Contains(t, err.Error(), "mail.example is at "+text+", which is ")
			} else {
				require.NoError(t, err, "%s at %s", name, text)
			}
		}
	}
}
