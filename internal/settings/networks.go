package settings

import (
	"fmt"
	"net/netip"
)

// networks reads a list of networks and addresses from the variable with this name.
func networks(name, text string) (all []netip.Prefix, errs []error) {
	for _, word := range words(text) {
		network, err := netip.ParsePrefix(word)
		if address, other := netip.ParseAddr(word); err != nil && other == nil {
			network, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %q is neither a network nor an address; expected something like 10.0.0.0/8", name, word))
			continue
		}
		all = append(all, network.Masked())
	}
	return all, errs
}
