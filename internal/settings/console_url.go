package settings

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// A prefix is written the same way in addresses, in cookies and by proxies.
var prefix = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)*$`)

var hostName = regexp.MustCompile(`^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)$`)

// consoleURL reads where people reach the console: the origin as a browser gives it,
// and the path under which a proxy serves it. Empty is nil.
func consoleURL(text string) (*url.URL, error) {
	if text == "" {
		return nil, nil
	}
	wrong := func(what string) (*url.URL, error) {
		return nil, fmt.Errorf("RELANCE_CONSOLE_URL is %q, %s; expected the address at which people reach the console, for example https://relance.example.com", text, what)
	}
	address, err := url.Parse(strings.TrimRight(text, "/"))
	switch {
	case err != nil:
		return wrong("which is no address")
	case address.Scheme != "http" && address.Scheme != "https":
		return wrong("which begins with neither http:// nor https://")
	case address.User != nil:
		return nil, fmt.Errorf("RELANCE_CONSOLE_URL has a user name or a password in it; expected the address alone, for example https://relance.example.com")
	case address.RawQuery != "" || address.ForceQuery || address.Fragment != "" || strings.Contains(text, "#"):
		return wrong("which has a ? or a # in it")
	}
	host, port := strings.ToLower(address.Host), address.Port()
	if rest, ok := strings.CutSuffix(host, ":"+port); ok {
		host = rest
	}
	path := address.EscapedPath()
	switch {
	case address.Hostname() == "":
		return wrong("which names no host")
	case !hostName.MatchString(host):
		return wrong("whose host has other signs than a browser sends (write a name of another script as xn--…)")
	case !prefix.MatchString(path) || strings.Contains(path+"/", "/./") || strings.Contains(path+"/", "/../"):
		return wrong("whose path has other signs than letters, digits, and . _ ~ - between single slashes")
	}
	// A browser's origin has no port where it is the scheme's own.
	if port != "" && !(address.Scheme == "http" && port == "80" || address.Scheme == "https" && port == "443") {
		host += ":" + port
	}
	return &url.URL{Scheme: address.Scheme, Host: host, Path: path}, nil
}

// isThisMachine is true for a host that only this machine reaches.
func isThisMachine(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.IsLoopback()
}
