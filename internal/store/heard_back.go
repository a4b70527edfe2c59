package store

import (
	"hash/fnv"
	"time"

	"relance/internal/inbound"
	"relance/internal/pace"
)

// BackAt is when somebody who is away can be written to: on the morning of the first working
// day from the named one on, not with all others at once. Zero without a date.
func BackAt(calendar pace.Calendar, away *inbound.Away, messageID string) time.Time {
	if away == nil || away.Undated || away.Return.IsZero() {
		return time.Time{}
	}
	morning, err := calendar.MorningOf(pace.DateOf(away.Return))
	if err != nil {
		return time.Time{}
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(messageID)) // never fails
	return morning.Add(time.Duration(hash.Sum32()%3600) * time.Second)
}
