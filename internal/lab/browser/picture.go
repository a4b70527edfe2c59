package browser

import (
	"context"
	"flag"
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// kept is true when the pictures outlive the test: go test -artifacts.
func kept() bool {
	set := flag.Lookup("test.artifacts")
	return set != nil && set.Value.String() == "true"
}

// Picture saves the window as NAME.png, where go test -artifacts keeps it.
func (tab *Tab) Picture(name string) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	shot, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	if err == nil {
		err = os.WriteFile(filepath.Join(tab.t.ArtifactDir(), name+".png"), shot.Data, 0o600)
	}
	if err != nil {
		tab.t.Errorf("the picture %s cannot be kept: %v", name, err)
	}
}
