package console

import (
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"

	"relance/internal/operator"
	"relance/internal/settings"
)

// Options are what a Console depends on.
type Options struct {
	// Operator does what people ask for, in the name of each.
	Operator *operator.Operator
	Settings settings.Console
	// Listen is where it is served, host:port: without a sign-in a loopback address only.
	Listen string
	// Log takes what goes wrong; it never gets what people type.
	Log *slog.Logger
	// Now is the time; nil is time.Now.
	Now func() time.Time
}

// Console serves the pages. It keeps no state of its own: several may run.
type Console struct {
	Options
	// prefix is the path under which a proxy serves it: "" or "/relance".
	prefix    string
	templates map[string]*template.Template
	// style is the style sheet, script the only script, icon the picture in the browser's tab.
	style, script, icon asset
	live                *live
	pulse               pulse
	// patience is how long a page may take.
	patience time.Duration
	// pages are the pages alone, without the guards around them.
	pages *http.ServeMux
	// sessions and provider are for those who sign in with an OpenID provider.
	sessions *scs.SessionManager
	provider atomic.Pointer[provider]
	// changing is held by each form while it is carried out.
	changing sync.RWMutex
	// folded is when fold has looked last, in nanoseconds.
	folded atomic.Int64
}

// New makes a Console. The error is one sentence that says what to set.
func New(o Options) (*Console, error) {
	if o.Settings.SignIn == settings.SignInNone && !isLoopback(o.Listen) {
		return nil, fmt.Errorf("a console without a sign-in listens on a loopback address only, not on %s; set RELANCE_CONSOLE_AUTH to proxy or oidc, or use --listen 127.0.0.1:8080", o.Listen)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Console{Options: o, style: newAsset("console.css"), script: newAsset("console.js"), icon: newAsset("icon.svg"), pulse: usualPulse, patience: pageTime}
	c.live = newLive(c.picture, o.Log)
	if o.Settings.URL != nil {
		c.prefix = strings.TrimRight(o.Settings.URL.EscapedPath(), "/")
	}
	c.sessions = newSessions(c)
	var err error
	if c.templates, err = c.parse(); err != nil {
		return nil, errors.Join(errors.New("the console's pages cannot be read"), err)
	}
	c.pages = http.NewServeMux()
	for _, route := range routes {
		if route.page != nil {
			c.pages.Handle("GET "+route.path, c.show(route.page))
		}
	}
	return c, nil
}

// isLoopback is true for an address that only this machine reaches.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	return isLoopbackHost(host)
}

func isLoopbackHost(host string) bool {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
