package settings

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// DevConsolePort is where the dev stack serves the console.
const DevConsolePort = 8080

// How long a person stays signed in, when nothing else is set.
const (
	DefaultIdle    = time.Hour
	DefaultSession = 12 * time.Hour
)

// SignIn is how people sign in to the console.
type SignIn string

// The ways to sign in.
const (
	// SignInNone lets everybody in: on a loopback address only.
	SignInNone SignIn = "none"
	// SignInProxy believes the header of a proxy that has asked who it is.
	SignInProxy SignIn = "proxy"
	// SignInOIDC asks an OpenID provider, and keeps a session.
	SignInOIDC SignIn = "oidc"
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
	OIDC          OIDC
	// Operators may change things; everybody else may look. "*" is everybody.
	Operators []string
	// Idle is after how long without a request a session ends, Session after how long at
	// the latest.
	Idle, Session time.Duration
}

// MayChange is true for the name of an operator, and for a member of an operators' group.
func (c Console) MayChange(name string, groups ...string) bool {
	return c.SignIn == SignInNone || slices.Contains(c.Operators, "*") || containsFold(c.Operators, name) || intersects(c.OIDC.OperatorGroups, groups)
}

// ReadConsole reads the settings of the console; the error joins everything that is wrong.
func ReadConsole(lookup Lookup) (Console, error) {
	get := func(name string) string { value, _ := lookup(name); return strings.TrimSpace(value) }
	console := Console{
		SignIn: SignIn(get("RELANCE_CONSOLE_AUTH")), ProxyHeader: get("RELANCE_CONSOLE_PROXY_HEADER"),
		Operators: words(get("RELANCE_CONSOLE_OPERATORS")), OIDC: readOIDC(get),
	}
	var errs []error
	var err error
	if console.URL, err = consoleURL(get("RELANCE_CONSOLE_URL")); err != nil {
		errs = append(errs, err)
	}
	proxies, wrong := networks("RELANCE_CONSOLE_PROXY_NETWORKS", get("RELANCE_CONSOLE_PROXY_NETWORKS"))
	console.ProxyNetworks, errs = proxies, append(errs, wrong...)
	if console.Idle, err = sessionTime(get, "RELANCE_CONSOLE_IDLE", DefaultIdle); err != nil {
		errs = append(errs, err)
	}
	if console.Session, err = sessionTime(get, "RELANCE_CONSOLE_SESSION", DefaultSession); err != nil {
		errs = append(errs, err)
	}
	switch console.SignIn {
	case "":
		console.SignIn = SignInNone
	case SignInNone:
	case SignInProxy:
		errs = append(errs, needs(get, SignInProxy, "RELANCE_CONSOLE_OPERATORS", "RELANCE_CONSOLE_PROXY_HEADER", "RELANCE_CONSOLE_PROXY_NETWORKS", "RELANCE_CONSOLE_URL"))
	case SignInOIDC:
		errs = append(errs, checkOIDC(get, console))
	default:
		errs = append(errs, fmt.Errorf("RELANCE_CONSOLE_AUTH is %q; expected none, proxy or oidc", console.SignIn))
	}
	return console, errors.Join(errs...)
}

// needs names what is not set of what a way to sign in needs: of several names with a
// | between them, one.
func needs(get func(string) string, signIn SignIn, names ...string) error {
	var missing []string
	for _, name := range names {
		if !slices.ContainsFunc(strings.Split(name, "|"), func(one string) bool { return get(one) != "" }) {
			missing = append(missing, strings.ReplaceAll(name, "|", " or "))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("RELANCE_CONSOLE_AUTH is %s, which also needs %s; see docs/production.md", signIn, strings.Join(missing, ", "))
}

func sessionTime(get func(string) string, name string, otherwise time.Duration) (time.Duration, error) {
	text := get(name)
	if text == "" {
		return otherwise, nil
	}
	long, err := time.ParseDuration(text)
	if err != nil || long < time.Minute {
		return 0, fmt.Errorf("%s is %q; expected how long, a minute at the least, for example %s", name, text, strings.TrimSuffix(otherwise.String(), "0m0s"))
	}
	return long, nil
}

// words are the parts of a list that commas or blanks divide.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// names are the parts of a list that commas divide: a group may have blanks in its name.
func names(text string) (parts []string) {
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

func containsFold(list []string, text string) bool {
	return slices.ContainsFunc(list, func(one string) bool { return strings.EqualFold(one, text) })
}

func intersects(some, others []string) bool {
	return slices.ContainsFunc(some, func(one string) bool { return slices.Contains(others, one) })
}
