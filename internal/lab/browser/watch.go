package browser

import (
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// listen hears what the browser says about the tab. It must not call the browser.
func (tab *Tab) listen(event any) {
	seen := &tab.seen
	seen.Lock()
	defer seen.Unlock()
	switch e := event.(type) {
	case *page.EventLifecycleEvent:
		if e.Name != "load" || e.FrameID != seen.frame {
			return
		}
		seen.loads++
	case *page.EventFrameNavigated:
		if e.Type != page.NavigationTypeBackForwardCacheRestore || e.Frame.ParentID != "" {
			return
		}
		seen.loads++
	case *network.EventRequestWillBeSent:
		seen.request(e)
	case *network.EventResponseReceived:
		seen.response(e)
	case *network.EventLoadingFailed:
		if !e.Canceled { // by the next page
			seen.found("a request failed: %s %s", e.ErrorText, e.BlockedReason)
		}
	case *audits.EventIssueAdded:
		seen.issue(e.Issue)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork { // the network has its own events
			seen.found("the browser logs: %s", e.Entry.Text)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert || e.Type == runtime.ConsoleAPICalledTypeWarning {
			seen.found("a script says: %s", said(e.Args))
		}
	case *runtime.EventExceptionThrown:
		seen.found("a script fails: %s", e.ExceptionDetails.Text)
	case *page.EventJavascriptDialogOpening:
		seen.found("a dialog opens: %s", e.Message)
		go func() {
			_, _ = chromedp.Call(tab.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})
		}()
	default:
		return
	}
	close(seen.changed)
	seen.changed = make(chan struct{})
}

func (w *watched) found(format string, args ...any) {
	w.trouble = append(w.trouble, fmt.Sprintf(format, args...))
}

// request counts forms, and finds what leaves the site.
func (w *watched) request(e *network.EventRequestWillBeSent) {
	if e.Request.Method == "POST" && e.RedirectResponse == nil {
		w.posts++
	}
	if w.origin != "" && !strings.HasPrefix(e.Request.URL, w.origin+"/") {
		w.found("a request leaves the site: %s", e.Request.URL)
	}
}

// response keeps the status of the page; of all that belongs to it, a refusal is trouble.
func (w *watched) response(e *network.EventResponseReceived) {
	switch {
	case e.Type == network.ResourceTypeDocument && e.FrameID == w.frame:
		w.status = int(e.Response.Status)
	case e.Response.Status >= 400:
		w.found("%s is answered with %d", e.Response.URL, e.Response.Status)
	}
}

// issue is what the browser's own review finds: reports of the policy, and other
// things that a page does and should not.
func (w *watched) issue(issue *audits.InspectorIssue) {
	if policy := issue.Details.ContentSecurityPolicyIssueDetails; policy != nil {
		w.found("the content security policy is violated: %s %s (%s)", policy.ViolatedDirective, policy.BlockedURL, policy.ContentSecurityPolicyViolationType)
		return
	}
	what := string(issue.Code)
	if generic := issue.Details.GenericIssueDetails; generic != nil {
		what = string(generic.ErrorType) + " " + generic.ViolatingNodeAttribute
	}
	w.found("the browser sees an issue: %s", what)
}

func said(args []*runtime.RemoteObject) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = string(arg.Value) + arg.Description
	}
	return strings.Join(words, " ")
}
