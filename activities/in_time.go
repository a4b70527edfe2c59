package activities

import (
	"context"
	"time"
)

// databaseTimeout is how long PostgreSQL may take to answer those who work for hours: after a restore, or when the window of
// a hundred thousand closes, it needs seconds. A connection whose other end is gone answers nothing for a quarter of an hour and
// longer; and since heartbeats do not wait for it, nobody else would be at work meanwhile. Whatever is cut off is
// done by the next look.
const databaseTimeout = time.Minute

// inTime bounds a call to the database.
func inTime(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	return call(ctx)
}
