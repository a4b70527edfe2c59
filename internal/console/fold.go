package console

import (
	"context"
	"time"
)

// foldEvery is how often pages look whether the counters are to be folded.
const foldEvery = time.Second

// fold keeps the counters small that pages add up: workers do it once a minute, and in
// a minute of many sends, or without a worker, they grow. A page is slower without it,
// and not wrong.
func (c *Console) fold(ctx context.Context) {
	now, last := time.Now().UnixNano(), c.folded.Load()
	if now-last < int64(foldEvery) || !c.folded.CompareAndSwap(last, now) {
		return
	}
	if err := c.Operator.FoldGrown(ctx); err != nil && ctx.Err() == nil {
		c.Log.Warn("the counters cannot be folded", "error", err)
	}
}
