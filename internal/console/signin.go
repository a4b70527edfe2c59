package console

import (
	"context"
	"net/http"
	"net/netip"
	"slices"

	"relance/internal/plaintext"
	"relance/internal/settings"
)

// person is who has signed in.
type person struct {
	name string
	role role
}

// nobody is the name that timelines keep where nobody has to sign in.
const nobody = "console"

type personKey struct{}

func personOf(ctx context.Context) person {
	who, _ := ctx.Value(personKey{}).(person)
	return who
}

// signedIn lets those pass who have signed in and are at least what is needed.
func (c *Console) signedIn(least role, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, ok := c.identify(r)
		switch {
		case !ok:
			c.refuse(w, r, http.StatusForbidden, "You have not signed in", "This console believes the sign-in of its proxy only. Open it through the proxy; docs/production.md says what to set.")
		case who.role < least:
			c.refuse(w, r.WithContext(context.WithValue(r.Context(), personKey{}, who)), http.StatusForbidden, "You may look, and not change",
				"Nothing was changed. RELANCE_CONSOLE_OPERATORS names who may repair.")
		default:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), personKey{}, who)))
		}
	})
}

// identify says who has sent a request. Behind a proxy the peer of the connection
// decides whether the header counts, never a header.
func (c *Console) identify(r *http.Request) (person, bool) {
	if c.Settings.SignIn == settings.SignInNone {
		return person{nobody, changer}, true
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return person{}, false
	}
	from := peer.Addr().Unmap().WithZone("")
	if !slices.ContainsFunc(c.Settings.ProxyNetworks, func(network netip.Prefix) bool { return network.Contains(from) }) {
		return person{}, false
	}
	values := r.Header.Values(c.Settings.ProxyHeader)
	if len(values) != 1 { // two names are a name too many
		return person{}, false
	}
	name := plaintext.Line(values[0], plaintext.Name)
	if name == "" {
		return person{}, false
	}
	who := person{name: name, role: viewer}
	if c.Settings.MayChange(name) {
		who.role = changer
	}
	return who, true
}
