package print

import (
	"io"
	"sync"
	"time"

	bar "github.com/jedib0t/go-pretty/v6/progress"
)

// Bar is a progress bar, safe for concurrent use. It is drawn from its first Set on.
type Bar struct {
	out     io.Writer
	message string

	mutex   sync.Mutex
	writer  bar.Writer
	tracker *bar.Tracker
}

// NewBar makes a bar that is drawn on out; with a nil out it is drawn nowhere.
func NewBar(out io.Writer, message string) *Bar { return &Bar{out: out, message: message} }

// Set shows how much is done.
func (b *Bar) Set(done, total int) {
	if b.out == nil {
		return
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.writer == nil {
		b.start(total)
	}
	b.tracker.UpdateTotal(int64(total))
	b.tracker.SetValue(int64(done))
}

func (b *Bar) start(total int) {
	b.tracker = &bar.Tracker{Message: b.message, Total: int64(total), DeferStart: true}
	b.writer = bar.NewWriter()
	b.writer.SetOutputWriter(b.out)
	b.writer.SetUpdateFrequency(200 * time.Millisecond)
	b.writer.SetNumTrackersExpected(1)
	b.writer.SetMessageLength(len(b.message))
	b.writer.SetTrackerPosition(bar.PositionRight)
	b.writer.Style().Options.TimeInProgressPrecision = time.Second
	b.writer.Style().Options.TimeDonePrecision = time.Second
	b.writer.Style().Options.ErrorString = "goes on in the background"
	b.writer.Style().Visibility.TrackerOverall = false
	b.writer.AppendTracker(b.tracker)
	b.tracker.Start()
	go b.writer.Render()
}

// End takes the bar down; it must not go on drawing over what is printed next.
func (b *Bar) End() {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if b.writer == nil {
		return
	}
	if !b.tracker.IsDone() {
		b.tracker.MarkAsErrored()
	}
	b.writer.Stop()
	for b.writer.IsRenderInProgress() {
		time.Sleep(time.Millisecond) //nolint:forbidigo // the library gives no channel to wait on
	}
}
