package settings

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// DevConsolePort is where the dev stack serves the console.
const DevConsolePort = 8080

// SignIn is how people sign in to the console.
type SignIn string

// The ways to sign in.
const (
	// SignInNone lets everybody in: on a loopback address only.
	SignInNone SignIn = "none"
	// SignInProxy believes the header of a proxy that has asked who it is.
	SignInProxy SignIn = "proxy"
)

// Console is what the console needs to know beside Settings.
type Console struct {
	SignIn SignIn
	// URL is where people reach it, without a slash at the end; nil when it is where it listens.
	URL *url.URL
	// ProxyHeader has the name of who has signed in, ProxyNetworks are the peers that are
	// believed.
	ProxyHeader   string
	ProxyNetworks []netip.Prefix
	// Operators may change things; everybody else may look. "*" is everybody.
	Operators []string
}

// MayChange is true for the name of an operator.
func (c Console) MayChange(name string) bool {
	return c.SignIn == SignInNone || slices.Contains(c.Operators, "*") ||
		slices.ContainsFunc(c.Operators, func(operator string) bool { return strings.EqualFold(operator, name) })
}

// ReadConsole reads the settings of the console; the error joins everything that is wrong.
func ReadConsole(lookup Lookup) (Console, error) {
	get := func(name string) string { value, _ := lookup(name); return strings.TrimSpace(value) }
	console := Console{SignIn: SignIn(get("RELANCE_CONSOLE_AUTH")), ProxyHeader: get("RELANCE_CONSOLE_PROXY_HEADER"), Operators: words(get("RELANCE_CONSOLE_OPERATORS"))}
	var errs []error
	if text := get("RELANCE_CONSOLE_URL"); text != "" {
		address, err := url.Parse(strings.TrimRight(text, "/"))
		if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" || address.RawQuery != "" || address.Fragment != "" || address.User != nil {
			errs = append(errs, fmt.Errorf("RELANCE_CONSOLE_URL is %q; expected the address at which people reach the console, for example https://relance.example.com", text))
		} else {
			console.URL = address
		}
	}
	for _, text := range words(get("RELANCE_CONSOLE_PROXY_NETWORKS")) {
		network, err := netip.ParsePrefix(text)
		if address, other := netip.ParseAddr(text); err != nil && other == nil {
			network, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("RELANCE_CONSOLE_PROXY_NETWORKS: %q is neither a network nor an address; expected something like 10.0.0.0/8", text))
			continue
		}
		console.ProxyNetworks = append(console.ProxyNetworks, network.Masked())
	}
	switch console.SignIn {
	case "":
		console.SignIn = SignInNone
	case SignInNone:
	case SignInProxy:
		var missing []string
		for name, is := range map[string]bool{
			"RELANCE_CONSOLE_URL": get("RELANCE_CONSOLE_URL") != "", "RELANCE_CONSOLE_PROXY_HEADER": console.ProxyHeader != "",
			"RELANCE_CONSOLE_PROXY_NETWORKS": get("RELANCE_CONSOLE_PROXY_NETWORKS") != "", "RELANCE_CONSOLE_OPERATORS": len(console.Operators) > 0,
		} {
			if !is {
				missing = append(missing, name)
			}
		}
		if slices.Sort(missing); len(missing) > 0 {
			errs = append(errs, fmt.Errorf("RELANCE_CONSOLE_AUTH is proxy, which also needs %s; see docs/production.md", strings.Join(missing, ", ")))
		}
	default:
		errs = append(errs, fmt.Errorf("RELANCE_CONSOLE_AUTH is %q; expected none or proxy", console.SignIn))
	}
	return console, errors.Join(errs...)
}

// words are the parts of a list that commas or blanks divide.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}
