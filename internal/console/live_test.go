package console

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
)

const (
	waitFor = 20 * time.Second
	often   = 10 * time.Millisecond
)

// watching is a page's stream.
type watching struct {
	b      *bundle
	lines  *bufio.Scanner
	header http.Header
	status int
	leave  context.CancelFunc
	// all is what the page would show.
	all map[string]any
}

func (b *bundle) watch(server, path string, header ...string) *watching {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), waitFor)
	b.t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server+path, nil)
	require.NoError(b.t, err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = response.Body.Close() })
	return &watching{b, bufio.NewScanner(response.Body), response.Header, response.StatusCode, cancel, map[string]any{}}
}

// next is the next block of the stream by its fields; false at its end.
func (w *watching) next() (map[string]string, bool) {
	fields := map[string]string{}
	for w.lines.Scan() {
		if w.lines.Text() == "" {
			return fields, true
		}
		name, value, _ := strings.Cut(w.lines.Text(), ":")
		fields[name] = strings.TrimPrefix(value, " ")
	}
	return nil, false
}

// until reads events until all of these names have these values.
func (w *watching) until(want map[string]any) {
	w.b.t.Helper()
	for {
		missing := map[string]any{}
		for name, value := range want {
			if w.all[name] != value {
				missing[name] = w.all[name]
			}
		}
		if len(missing) == 0 {
			return
		}
		fields, ok := w.next()
		require.True(w.b.t, ok, "the stream has ended with %v, expected %v", missing, want)
		if fields["data"] == "" || fields["event"] == "beat" {
			continue
		}
		var news map[string]any
		require.NoError(w.b.t, json.Unmarshal([]byte(fields["data"]), &news))
		require.Equal(w.b.t, len(w.all) == 0, fields["event"] == "snapshot", "first everything, then what changes")
		for name, value := range news {
			require.NotEqual(w.b.t, value, w.all[name], "%s is sent without news", name)
			w.all[name] = value
		}
	}
}

func repairName(kind string) string {
	return repairKey(kind, failure.EmailAccountInError, failure.EmailAccount(mayas))
}

func TestAStreamFollowsARepairToItsEnd(t *testing.T) {
	t.Parallel()
	b := setup(t, 4, "Claes")
	b.console.live.every = often
	b.accountFailed(3, "535 5.7.8 no")
	shown := b.get("/")
	w := b.watch(b.server.URL, "/events?page=%2F")
	require.Equal(t, http.StatusOK, w.status)
	for name, value := range map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff",
	} {
		require.Equal(t, value, w.header.Get(name), name)
	}
	first, _ := w.next()
	require.Equal(t, map[string]string{"retry": "3000"}, first)
	w.until(map[string]any{"errors title": "3 contacts are in error, for 1 reason", repairName("repair"): "3", repairName("people"): "3 contacts"})
	for name := range w.all {
		kind, _, _ := strings.Cut(name, " ")
		require.Contains(t, []string{"errors", "repair", "people", "request"}, kind)
	}

	done := b.send(shown, "/accounts/"+mayas+"/reconnect", "password", password, "pace", "120")
	id := one[int64](b, `SELECT id FROM outbox WHERE kind = 'fix' AND rate = 2`)
	done.says(http.StatusSeeOther, "Going on now", mayas+" is connected", "0 of 3 signalled", "at most 120 a minute", "under way")
	w.until(map[string]any{requestKey(id, "max"): 3.0, requestKey(id, "value"): 0.0, requestKey(id, "said"): "Under way for 3 contacts."})
	b.exec(`UPDATE outbox SET signalled = 2, cursor = (SELECT max(seq) FROM (SELECT seq FROM parked_on WHERE cause = outbox.cause ORDER BY seq LIMIT 2) AS p) WHERE id = $1`, id)
	b.goOn(1)
	w.until(map[string]any{
		requestKey(id, "value"): 2.0, requestKey(id, "done"): "2", requestKey(id, "on"): "1 gone on", requestKey(id, "said"): "50 % of 3 contacts signalled.",
		repairName("repair"): "2", "errors title": "2 contacts are in error, for 1 reason",
	})
	b.goOn(2)
	b.goOn(3)
	b.exec(`UPDATE outbox SET signalled = 3, done_at = now() WHERE id = $1`, id)
	w.until(map[string]any{
		requestKey(id, "state"): "done", requestKey(id, "said"): "Done: 3 of 3 signalled.", requestKey(id, "on"): "3 gone on",
		repairName("repair"): nil, "errors title": "Nobody is in error",
	})
	again := b.watch(b.server.URL, "/events?page=%2F") // as after a sleep, or a deploy
	again.until(map[string]any{"errors title": "Nobody is in error", requestKey(id, "state"): "done"})

	b.exec(`UPDATE outbox SET done_at = now() - interval '1 hour' WHERE id = $1`, id)
	b.exec(`UPDATE contacts SET email = '' WHERE id = 4`)
	b.park(4, failure.Problem{Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(4)}})
	w.until(map[string]any{repairKey("repair", failure.ContactHasNoEmail, "contact"): "1"})
	require.Equal(t, "done", w.all[requestKey(id, "state")], "what is done stays done when it is followed no more")
	b.watch(b.server.URL, "/events?page="+url.QueryEscape(fmt.Sprintf("/requests/%d", id))).until(map[string]any{requestKey(id, "state"): "done", requestKey(id, "done"): "3"})
}

func TestOnePollerServesAllAndNoneNobody(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	l := b.console.live
	l.every = often
	var reads, at, most atomic.Int64
	read := l.read
	l.read = func(ctx context.Context, ids []int64) (picture, error) {
		most.Store(max(most.Load(), at.Add(1)))
		defer at.Add(-1)
		reads.Add(1)
		return read(ctx, ids)
	}
	b.get("/")
	require.Zero(t, reads.Load(), "nobody watches")
	watchers := []*watching{}
	for range 5 {
		w := b.watch(b.server.URL, "/events?page=%2F")
		w.until(map[string]any{"errors title": "Nobody is in error"})
		watchers = append(watchers, w)
	}
	more := reads.Load() + 3
	require.Eventually(t, func() bool { return reads.Load() > more }, waitFor, often)
	require.EqualValues(t, 1, most.Load(), "one look at a time, for all")
	for _, w := range watchers {
		w.leave()
	}
	require.Eventually(t, func() bool { l.mu.Lock(); defer l.mu.Unlock(); return l.stop == nil }, waitFor, often, "the last one has left")
	require.Eventually(t, func() bool { return at.Load() == 0 }, waitFor, often)
	before := reads.Load()
	b.get("/")
	b.exec(`ALTER TABLE tally RENAME TO away`) // one who looked now would say so in the log
	require.Never(t, func() bool { return reads.Load() > before+1 }, 10*often, often)
	require.NotContains(t, b.log.String(), "cannot be read")
}

func TestAStreamOutlivesTheServersTimeoutsAndADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.console.live.every, b.console.pulse.beat = often, often
	server := httptest.NewUnstartedServer(b.handler)
	const limit = time.Second
	server.Config.ReadTimeout, server.Config.WriteTimeout = limit, limit
	server.Start()
	t.Cleanup(server.Close)
	w := b.watch(server.URL, "/events?page=%2F")
	w.until(map[string]any{"errors title": "Nobody is in error"})
	b.exec(`ALTER TABLE tally RENAME TO away`)
	beats := 0
	for began := time.Now(); beats == 0 || time.Since(began) < 2*limit; {
		fields, ok := w.next()
		require.True(t, ok, "after %d beats", beats)
		if fields["event"] == "beat" {
			require.Contains(t, fields, "", "a comment, for proxies")
			beats++
		}
	}
	b.exec(`ALTER TABLE away RENAME TO tally`)
	b.accountFailed(1, "535")
	w.until(map[string]any{repairName("repair"): "1"})
	require.Equal(t, 1, strings.Count(b.log.String(), "cannot be read, and are tried again"), "said once")
}

func TestAServerStopsWithOpenStreams(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.console.live.every = often
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- b.console.Serve(ctx, listener) }()
	var open []*watching
	for range 8 {
		w := b.watch("http://"+listener.Addr().String(), "/events?page=%2Frequests")
		w.until(map[string]any{requestKey(one[int64](b, `SELECT min(id) FROM outbox`), "state"): "done"})
		open = append(open, w)
	}
	stop()
	select {
	case err := <-stopped:
		require.NoError(t, err)
	case <-time.After(waitFor):
		require.FailNow(t, "the server waits for its streams")
	}
	for _, w := range open {
		_, more := w.next()
		require.False(t, more)
	}
}

// leaving takes the sign-in away once something was written.
type leaving struct {
	*httptest.ResponseRecorder
	r *http.Request
}

func (l leaving) SetReadDeadline(time.Time) error  { return nil }
func (l leaving) SetWriteDeadline(time.Time) error { return nil }
func (l leaving) Write(text []byte) (int, error) {
	l.r.Header.Del("X-Auth-Email")
	return l.ResponseRecorder.Write(text)
}

func TestAStreamEndsWithTheSignIn(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	b.serve(proxied("/relance"))
	b.console.live.every, b.console.pulse.recheck = often, often
	require.Equal(t, http.StatusForbidden, b.get("/relance/events?page=%2F").status)
	lea := []string{"X-Auth-Email", "lea@northwind.example"}
	page := b.get("/relance/requests?before=5", lea...)
	require.Contains(t, page.body, `<body data-events="/relance/events?page=%2Frequests%3Fbefore%3D5">`)
	b.watch(b.server.URL, "/relance/events?page=%2F", lea...).until(map[string]any{"errors title": "Nobody is in error"})

	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/relance/events?page=%2F", nil)
	request.RemoteAddr = "127.0.0.1:1"
	request.Header.Set(lea[0], lea[1])
	recorder := leaving{httptest.NewRecorder(), request}
	b.handler.ServeHTTP(recorder, request) // it returns
	require.Equal(t, http.StatusOK, recorder.Code)
	require.Contains(t, recorder.Body.String(), "retry: 3000")
}

func TestAPageWithoutNumbersHasNoStream(t *testing.T) {
	t.Parallel()
	b := setup(t, 1, "Claes")
	for _, page := range []string{"/keys", "/contacts/1", "/nowhere", "/requests/1/stop", "/static/x", "/events"} {
		require.Equal(t, http.StatusNoContent, b.get("/events?page="+url.QueryEscape(page)).status, page)
	}
	for _, page := range []string{"", "/", "//evil.example/", "/requests", "/requests/1", "/requests/x", "/cause/EmailAccountInError/email_account:a%2Fb", "/?after=1"} {
		answer := b.ask(http.MethodHead, "/events?page="+url.QueryEscape(page), nil)
		require.Equal(t, http.StatusOK, answer.status, page)
		require.Equal(t, "text/event-stream", answer.header.Get("Content-Type"), page)
	}
	require.Equal(t, http.StatusMethodNotAllowed, b.ask(http.MethodPost, "/events", nil).status)
}

func TestTheScriptMakesNoHTML(t *testing.T) {
	t.Parallel()
	b := setup(t, 0, "Claes")
	script := b.get(newAsset("console.js").path)
	require.Equal(t, http.StatusOK, script.status)
	require.Equal(t, "text/javascript; charset=utf-8", script.header.Get("Content-Type"))
	require.Equal(t, "public, max-age=31536000, immutable", script.header.Get("Cache-Control"))
	source := string(newAsset("console.js").content)
	for _, sink := range []string{"HTML(", "innerHTML", "outerHTML", "document.write", "createElement", "eval(", "Function(", "import", "trustedTypes", "srcdoc"} {
		require.NotContains(t, source, sink)
	}
	require.LessOrEqual(t, strings.Count(source, "\n"), 165)
	b.get("/static/000000000000/console.js").says(http.StatusNotFound)
}
