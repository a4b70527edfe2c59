package cli

import (
	"context"
	"time"

	bar "github.com/jedib0t/go-pretty/v6/progress"
)

// progress is a bar on Stderr, shown only where a person looks on.
type progress struct {
	writer  bar.Writer
	tracker *bar.Tracker
}

func (s *session) progress(message string, total int) *progress {
	p := &progress{tracker: &bar.Tracker{Message: message, Total: int64(total), DeferStart: true}}
	if !s.IsTerminal || s.format != formatTable {
		return p
	}
	p.writer = bar.NewWriter()
	p.writer.SetOutputWriter(s.screen)
	p.writer.SetUpdateFrequency(200 * time.Millisecond)
	p.writer.SetNumTrackersExpected(1)
	p.writer.SetMessageLength(len(message))
	p.writer.SetTrackerPosition(bar.PositionRight)
	p.writer.Style().Options.TimeInProgressPrecision = time.Second
	p.writer.Style().Options.TimeDonePrecision = time.Second
	p.writer.Style().Options.ErrorString = "goes on in the background"
	p.writer.Style().Visibility.TrackerOverall = false
	p.writer.AppendTracker(p.tracker)
	p.tracker.Start()
	go p.writer.Render()
	return p
}

func (p *progress) set(done int) { p.tracker.SetValue(int64(done)) }

// end takes the bar down; it must not go on drawing over what is printed next.
func (p *progress) end() {
	if p.writer == nil {
		return
	}
	if !p.tracker.IsDone() {
		p.tracker.MarkAsErrored()
	}
	p.writer.Stop()
	for p.writer.IsRenderInProgress() {
		time.Sleep(time.Millisecond) //nolint:forbidigo // the library gives no channel to wait on
	}
}

// watch calls look at once and then at every tick, until it says that there is
// nothing more to see, fails, or the context ends.
func (s *session) watch(ctx context.Context, look func() (done bool, err error)) error {
	ticker := time.NewTicker(s.tick)
	defer ticker.Stop()
	for {
		if done, err := look(); done || err != nil {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
