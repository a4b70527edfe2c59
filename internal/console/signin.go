package console

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"relance/internal/plaintext"
	"relance/internal/settings"
)

// person is who has signed in.
type person struct {
	// name is what timelines keep; shown is how the provider calls the same person.
	name, shown string
	role        role
}

// nobody is the name that timelines keep where nobody has to sign in.
const nobody = "console"

type personKey struct{}

func personOf(ctx context.Context) person {
	who, _ := ctx.Value(personKey{}).(person)
	return who
}

// notSignedIn is why it is not known who has sent a request.
type notSignedIn struct{ why string }

func (n *notSignedIn) Error() string { return n.why }

// signedIn lets those pass who have signed in and are at least what is needed.
func (c *Console) signedIn(least role, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isStream(r) {
			r = r.WithContext(context.WithValue(r.Context(), unused{}, true))
		}
		who, err := c.identify(r)
		if err != nil {
			c.stranger(w, r, err)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), personKey{}, who))
		if who.role < least {
			c.refuse(w, r, http.StatusForbidden, "You may look, and not change", "Nothing was changed. "+c.whoMayChange())
			return
		}
		if !isText(r.URL.Path) {
			c.refuse(w, r, http.StatusNotFound, "There is no such page", "The address has characters that no name here has.")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isText is true for what PostgreSQL can keep as a text.
func isText(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }

// stranger answers who has not signed in, or of whose session nothing can be known now.
func (c *Console) stranger(w http.ResponseWriter, r *http.Request, err error) {
	var unknown *notSignedIn
	switch {
	case errors.Is(err, context.Canceled):
	case !errors.As(err, &unknown):
		c.Log.Error("a session cannot be read", "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", "10")
		c.refuse(w, r, http.StatusServiceUnavailable, "This cannot be shown just now",
			"The database does not answer, or not as it should; the console's log says why. Nothing was changed. Try again in a moment.")
	case c.Settings.SignIn == settings.SignInOIDC:
		c.toSignIn(w, r)
	default:
		c.refuse(w, r, http.StatusForbidden, "You have not signed in", unknown.why+" Open the console through its proxy; docs/production.md says what to set.")
	}
}

// stillSignedIn is true as long as who has sent a request may see what it is answered:
// for what is answered over minutes. To ask is no use of the session.
func (c *Console) stillSignedIn(r *http.Request) (bool, error) {
	_, err := c.identify(r.WithContext(context.WithValue(r.Context(), unused{}, true)))
	var unknown *notSignedIn
	if errors.As(err, &unknown) {
		return false, nil
	}
	return err == nil, err
}

// isStream is true for a page that watches: it asks again by itself.
func isStream(r *http.Request) bool { return r.Header.Get("Accept") == "text/event-stream" }

// identify says who has sent a request.
func (c *Console) identify(r *http.Request) (person, error) {
	switch c.Settings.SignIn {
	case settings.SignInNone:
		return person{name: nobody, role: changer}, nil
	case settings.SignInOIDC:
		return c.ofSession(r)
	case settings.SignInProxy:
	}
	return c.ofProxy(r)
}

// ofProxy believes a header. The peer of the connection decides whether it counts,
// never another header.
func (c *Console) ofProxy(r *http.Request) (person, error) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	from := peer.Addr().Unmap().WithZone("")
	if err != nil || !slices.ContainsFunc(c.Settings.ProxyNetworks, func(network netip.Prefix) bool { return network.Contains(from) }) {
		return person{}, &notSignedIn{"This console believes the peers in RELANCE_CONSOLE_PROXY_NETWORKS only, and the request came from another: " + from.String() + "."}
	}
	values := r.Header.Values(c.Settings.ProxyHeader)
	if len(values) != 1 { // two names are a name too many
		return person{}, &notSignedIn{"The proxy does not say who you are: the request has not one header " + c.Settings.ProxyHeader + " (RELANCE_CONSOLE_PROXY_HEADER)."}
	}
	name := strings.TrimSpace(values[0])
	switch {
	case name == "":
		return person{}, &notSignedIn{"The proxy does not say who you are: the header " + c.Settings.ProxyHeader + " (RELANCE_CONSOLE_PROXY_HEADER) is empty."}
	case name != plaintext.Line(name, plaintext.Name): // what nobody sees must not make one person look like another
		return person{}, &notSignedIn{"The header " + c.Settings.ProxyHeader + " (RELANCE_CONSOLE_PROXY_HEADER) has a name with characters that nobody sees, or one that is too long."}
	}
	return c.personNamed(name, ""), nil
}

// ofSession is who has signed in with the provider, if that person may still come in.
func (c *Console) ofSession(r *http.Request) (person, error) {
	limited, cancel := context.WithTimeout(r.Context(), c.patience)
	defer cancel()
	ctx, err := c.inSession(r.WithContext(limited))
	if err != nil {
		return person{}, err
	}
	of, ok := c.sessions.Get(ctx, accountKey).(account)
	if !ok || !c.Settings.OIDC.MayEnter(of.Email, of.Groups) {
		return person{}, &notSignedIn{"There is no session."}
	}
	return c.personNamed(of.Email, of.Name, of.Groups...), nil
}

func (c *Console) personNamed(name, shown string, groups ...string) person {
	who := person{name: name, shown: shown, role: viewer}
	if c.Settings.MayChange(name, groups...) {
		who.role = changer
	}
	return who
}

func (c *Console) whoMayChange() string {
	if len(c.Settings.OIDC.OperatorGroups) > 0 {
		return "RELANCE_CONSOLE_OPERATORS and RELANCE_CONSOLE_OPERATOR_GROUPS name who may repair."
	}
	return "RELANCE_CONSOLE_OPERATORS names who may repair."
}
