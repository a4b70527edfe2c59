package browser

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a tab waits for anything: much, for a busy machine.
const patience = time.Minute

// Look is how a page is looked at.
type Look struct {
	// Width and Height are in CSS pixels; 0 is 1280 by 900. Zoom 4 is 400 %: the window
	// is Zoom times as large as that.
	Width, Height int64
	Zoom          float64
	Dark          bool
	// Motion is for a reader who likes it. By default less is asked for, and a page does
	// not glide away under the mouse.
	Motion bool
}

// Options are of one tab.
type Options struct {
	Look
	// NoScript switches off the page's scripts.
	NoScript bool
	// Zone is the reader's time zone; empty is the machine's.
	Zone string
	// Header is sent with each request.
	Header map[string]string
}

// Tab is one tab of the browser. It is for one goroutine.
type Tab struct {
	t       testing.TB
	ctx     context.Context
	options Options
	seen    watched
	front   **Tab // the tab that is in front in this window
}

// watched is what the browser says about a tab, on a goroutine of its own.
type watched struct {
	sync.Mutex
	changed chan struct{} // closed when something has happened
	loads   int           // pages that have been loaded
	status  int           // of the newest document
	frame   cdp.FrameID   // the page itself, whose id is the tab's
	posts   int           // forms that were sent
	origin  string
	trouble []string
}

// Open opens a tab with a profile of its own. At the end of the test it must have seen
// no trouble.
func Open(t testing.TB, o Options) *Tab {
	t.Helper()
	tab := open(t, start(t), o, chromedp.WithNewBrowserContext())
	tab.front = new(*Tab)
	tab.Front()
	return tab
}

// Another opens a tab in front of this one, in the same window, with the same profile
// and look.
func (tab *Tab) Another() *Tab {
	tab.t.Helper()
	other := open(tab.t, tab.ctx, tab.options, chromedp.WithNewWindow(false))
	other.front = tab.front
	other.Front()
	return other
}

// Front has this tab in front of the others of its window, which are then hidden.
func (tab *Tab) Front() {
	tab.t.Helper()
	if before := *tab.front; before != nil {
		call(before, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{})
		call(tab, page.BringToFront, cdp.Empty{})
	}
	// As if its window were the one that the keyboard belongs to: tests run side by side.
	call(tab, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	*tab.front = tab
}

func open(t testing.TB, parent context.Context, o Options, with ...chromedp.ContextOption) *Tab {
	t.Helper()
	tab := &Tab{t: t, options: o}
	tab.seen.changed = make(chan struct{})
	var cancel context.CancelFunc
	tab.ctx, cancel = chromedp.NewContext(parent, append(with, chromedp.WithListener(tab.listen))...)
	t.Cleanup(func() {
		if t.Failed() && kept() {
			tab.Picture("failed")
		}
		for _, what := range tab.Trouble() {
			t.Errorf("in the browser: %s", what)
		}
		cancel()
	})
	tab.must(chromedp.Do(tab.ctx), "open a tab")
	tab.seen.Lock()
	tab.seen.frame = cdp.FrameID(chromedp.FromContext(tab.ctx).Target.TargetID)
	tab.seen.Unlock()
	call(tab, audits.Enable, cdp.Empty{})
	if o.NoScript {
		call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	}
	if o.Zone != "" {
		call(tab, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: o.Zone})
	}
	if len(o.Header) > 0 {
		headers := network.Headers{}
		for name, value := range o.Header {
			headers[name] = value
		}
		call(tab, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: headers})
	}
	tab.See(o.Look)
	return tab
}

// See changes how the page is looked at.
func (tab *Tab) See(look Look) {
	tab.t.Helper()
	if look.Width == 0 {
		look.Width = 1280
	}
	if look.Height == 0 {
		look.Height = 900
	}
	if look.Zoom == 0 {
		look.Zoom = 1
	}
	call(tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: look.Width, Height: look.Height, DeviceScaleFactor: look.Zoom})
	scheme, motion := "light", "reduce"
	if look.Dark {
		scheme = "dark"
	}
	if look.Motion {
		motion = "no-preference"
	}
	call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: motion},
	}})
}

// Go opens a page and returns its status.
func (tab *Tab) Go(address string) int {
	tab.t.Helper()
	if parsed, err := url.Parse(address); err == nil {
		tab.seen.Lock()
		tab.seen.origin = parsed.Scheme + "://" + parsed.Host
		tab.seen.Unlock()
	}
	return tab.Load(func() { call(tab, page.Navigate, page.NavigateParams{URL: address}) })
}

// Back goes back by one page, and Reload loads the page again, as a person would.
func (tab *Tab) Back() int {
	tab.t.Helper()
	return tab.Load(func() {
		history := call(tab, page.GetNavigationHistory, cdp.Empty{})
		before := history.Entries[history.CurrentIndex-1].ID
		call(tab, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: before})
	})
}

// Reload is Back's neighbour.
func (tab *Tab) Reload() int {
	tab.t.Helper()
	return tab.Load(func() { call(tab, page.Reload, page.ReloadParams{}) })
}

// Leave leaves the site: what its page held open is closed.
func (tab *Tab) Leave() {
	tab.t.Helper()
	tab.Load(func() { call(tab, page.Navigate, page.NavigateParams{URL: "about:blank"}) })
}

// Load does something that leads to another page, waits until that has been loaded,
// and returns its status.
func (tab *Tab) Load(do func()) int {
	tab.t.Helper()
	before := tab.loads()
	do()
	tab.wait("the page to load", func(seen *watched) bool { return seen.loads > before })
	tab.seen.Lock()
	defer tab.seen.Unlock()
	return tab.seen.status
}

func (tab *Tab) loads() int {
	tab.seen.Lock()
	defer tab.seen.Unlock()
	return tab.seen.loads
}

// Posts counts the forms that this tab has sent.
func (tab *Tab) Posts() int {
	tab.seen.Lock()
	defer tab.seen.Unlock()
	return tab.seen.posts
}

// Trouble is what went wrong since the last call.
func (tab *Tab) Trouble() []string {
	tab.seen.Lock()
	defer tab.seen.Unlock()
	found := tab.seen.trouble
	tab.seen.trouble = nil
	return found
}

// wait waits until it is so; what is said when it does not come.
func (tab *Tab) wait(what string, so func(*watched) bool) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	for {
		tab.seen.Lock()
		done, changed := so(&tab.seen), tab.seen.changed
		tab.seen.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			tab.t.Fatalf("waited in vain for %s: %v", what, ctx.Err())
		}
	}
}

// call sends a command of the protocol.
func call[P, R any](tab *Tab, command cdp.Command[P, R], params P) R {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	tab.must(err, command.Method)
	return result
}

func (tab *Tab) must(err error, what string) {
	tab.t.Helper()
	if err != nil {
		tab.t.Fatalf("the browser cannot %s: %v", what, err)
	}
}

// Ask evaluates an expression of JavaScript in the isolated world; a promise is waited for.
func Ask[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	world := call(tab, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tab.seen.frame, WorldName: "test"})
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise, func(p *runtime.EvaluateParams) {
		p.ContextID = world.ExecutionContextID
	}))
	tab.must(err, fmt.Sprintf("evaluate %.80s", expression))
	return answer
}
