package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// pulse says how often a stream does what it does without news.
type pulse struct {
	// beat is how often it says that it lives, recheck how often it asks whether who
	// watches is still signed in, write how long a write may take.
	beat, recheck, write time.Duration
}

var usualPulse = pulse{beat: 15 * time.Second, recheck: time.Minute, write: 10 * time.Second}

// events is the stream of server-sent events of one page: all its numbers, then those
// that change. An event is {name: number or text}; null is a name that is gone.
func (c *Console) events(w http.ResponseWriter, r *http.Request) {
	kinds, requests := c.watched(r.URL.Query().Get("page"))
	if len(kinds) == 0 {
		w.WriteHeader(http.StatusNoContent) // which has a browser not ask again
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store, no-transform")
	header.Set("X-Accel-Buffering", "no")
	if r.Method == http.MethodHead {
		return
	}
	watching, ok := c.live.watch(requests)
	if !ok {
		header.Del("Content-Type")
		header.Set("Retry-After", "60")
		http.Error(w, "too many pages are watched just now", http.StatusServiceUnavailable)
		return
	}
	defer watching.leave()
	s := stream{w: w, control: http.NewResponseController(w), patience: c.pulse.write}
	_ = s.control.SetReadDeadline(time.Time{}) // the server's is for reading a request, and would end this one
	if s.send("retry: 3000\n\n") != nil {
		return
	}
	beat, recheck := time.NewTicker(c.pulse.beat), time.NewTicker(c.pulse.recheck)
	defer beat.Stop()
	defer recheck.Stop()
	var sent picture
	for {
		now, next := watching.now()
		var err error
		if now != nil {
			err = s.show(&sent, now, kinds)
		}
		if err != nil {
			return
		}
		select {
		case <-next:
		case <-beat.C: // a comment for proxies, and an event, since a script does not see comments
			err = s.send(": beat\nevent: beat\ndata: 1\n\n")
		case <-recheck.C:
			if good, err := c.stillSignedIn(r); err == nil && !good {
				return
			}
		case <-r.Context().Done():
			return
		case <-c.live.closed:
			return
		}
		if err != nil {
			return
		}
	}
}

// watched are the kinds of names that a page shows, and the requests that it is about.
func (c *Console) watched(page string) (kinds []string, requests []int64) {
	address := returnTo(page)
	_, pattern := c.pages.Handler(&http.Request{Method: http.MethodGet, URL: address})
	for _, route := range routes {
		if route.page != nil && "GET "+route.path == pattern {
			kinds = route.live
		}
	}
	if id, err := strconv.ParseInt(strings.TrimPrefix(address.Path, "/requests/"), 10, 64); err == nil {
		requests = []int64{id}
	}
	return kinds, requests
}

// stream writes events.
type stream struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
}

// show sends what is other than it was sent.
func (s stream) show(sent *picture, now picture, kinds []string) error {
	news, name := picture{}, "snapshot"
	for key, value := range now {
		kind, _, _ := strings.Cut(key, " ")
		if slices.Contains(kinds, kind) && (*sent == nil || (*sent)[key] != value) {
			news[key] = value
		}
	}
	if *sent != nil {
		name = "message"
		for key := range *sent {
			kind, rest, _ := strings.Cut(key, " ")
			id, _, _ := strings.Cut(rest, " ")
			if _, there := now[key]; !there && slices.Contains(kinds, kind) && (*sent)["request "+id+" state"] != requestDone { // what is done is followed for a while only
				news[key] = nil
			}
		}
		if len(news) == 0 {
			return nil
		}
	}
	*sent = now
	data, err := json.Marshal(news)
	if err != nil {
		return err
	}
	return s.send(fmt.Sprintf("event: %s\ndata: %s\n\n", name, data))
}

func (s stream) send(text string) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(s.patience)); err != nil {
		return err
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}
