package browser

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// process is the browser that all tests of this process share.
var process struct {
	once sync.Once
	ctx  context.Context
	err  error
}

// start returns the context of the browser, which the first call starts.
func start(t testing.TB) context.Context {
	t.Helper()
	path := find(t)
	process.once.Do(func() {
		options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(path),
			chromedp.Flag("no-proxy-server", true), // tests contact loopback only
			chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
		allocator, _ := chromedp.NewExecAllocator(context.Background(), options...)
		process.ctx, _ = chromedp.NewContext(allocator)
		process.err = chromedp.Do(process.ctx)
	})
	if process.err != nil {
		t.Fatalf("%s does not start: %v", path, process.err)
	}
	return process.ctx
}

// Stop ends the browser and removes its profile: for TestMain, after the tests. A
// process that is killed takes its browser with it.
func Stop() {
	if process.ctx != nil {
		_ = chromedp.Cancel(process.ctx) // it is killed when it does not go
	}
}
