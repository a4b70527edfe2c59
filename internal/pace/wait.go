package pace

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

// Wait is how long to wait after a message. Exactly one of its parts is set; the zero value
// is no wait.
type Wait struct {
	// Days are dates of the calendar, to the same time of day.
	Days int
	// SendingDays are dates on which the campaign sends: days of its windows, or Monday to
	// Friday when it has none, that are no holidays.
	SendingDays int
	// Elapsed is time by the clock, whatever the calendar says.
	Elapsed time.Duration
}

// The longest waits.
const (
	LongestWait     = 365 * 24 * time.Hour
	mostDays        = int(LongestWait / (24 * time.Hour))
	mostSendingDays = 250
)

var (
	sendingDaysText = regexp.MustCompile(`^([0-9]{1,9})bd$`)
	waitText        = regexp.MustCompile(`^(?:[0-9]+[wdhms])+$`)
	waitPart        = regexp.MustCompile(`([0-9]+)([wdhms])`)
	waitUnits       = map[string]time.Duration{"w": 7 * 24 * time.Hour, "d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second}
)

// WaitExamples end the sentence of a wait that is none.
const WaitExamples = "expected for example 30m, 12h, 3d, 2w or 3bd"

// ParseWait reads 3d and 2w, which are dates of the calendar; 3bd, sending days; and 72h, 90m,
// 10s and sums such as 1d12h, which are time by the clock: in a sum with hours a day is 24
// of them. The error goes on from the text: "is not a duration; expected …".
func ParseWait(text string) (Wait, error) {
	if part := sendingDaysText.FindStringSubmatch(text); part != nil {
		days, err := strconv.Atoi(part[1])
		switch {
		case err != nil || days > mostSendingDays:
			return Wait{}, fmt.Errorf("is longer than %d sending days; %s", mostSendingDays, WaitExamples)
		case days == 0:
			return Wait{}, errors.New("is no time at all; " + WaitExamples)
		}
		return Wait{SendingDays: days}, nil
	}
	if _, err := strconv.ParseUint(text, 10, 64); err == nil {
		return Wait{}, errors.New("has no unit; " + WaitExamples)
	}
	if !waitText.MatchString(text) {
		return Wait{}, errors.New("is not a duration; " + WaitExamples)
	}
	var total time.Duration
	dates := true
	for _, part := range waitPart.FindAllStringSubmatch(text, -1) {
		n, err := strconv.ParseInt(part[1], 10, 64)
		if err != nil || n > math.MaxInt64/int64(waitUnits[part[2]])/4 || total > LongestWait {
			return Wait{}, errors.New("is longer than 365 days; " + WaitExamples)
		}
		total += time.Duration(n) * waitUnits[part[2]]
		dates = dates && (part[2] == "w" || part[2] == "d")
	}
	switch {
	case total > LongestWait:
		return Wait{}, errors.New("is longer than 365 days; " + WaitExamples)
	case total == 0:
		return Wait{}, errors.New("is no time at all; " + WaitExamples)
	case dates:
		return Wait{Days: int(total / (24 * time.Hour))}, nil
	}
	return Wait{Elapsed: total}, nil
}

// String is the wait as ParseWait reads it: 3d, 3bd, 72h, 90m, 30s.
func (w Wait) String() string {
	switch {
	case w.Days > 0:
		return fmt.Sprintf("%dd", w.Days)
	case w.SendingDays > 0:
		return fmt.Sprintf("%dbd", w.SendingDays)
	case w.Elapsed == 0:
		return ""
	}
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if w.Elapsed%unit.length == 0 {
			return fmt.Sprintf("%d%s", w.Elapsed/unit.length, unit.name)
		}
	}
	return w.Elapsed.String()
}

// OfDates is true when the wait ends by the calendar, and not so much later.
func (w Wait) OfDates() bool { return w.Days > 0 || w.SendingDays > 0 }

// Roughly is the wait as if each of its days had 24 hours and each were a sending day: what
// a program goes by that knows no calendar.
func (w Wait) Roughly() time.Duration {
	return w.Elapsed + time.Duration(w.Days+w.SendingDays)*24*time.Hour
}

// After is when the wait is over that follows a message sent at an instant, which had been
// due at another; due is zero when it left as soon as it could. Dates are counted in the
// zone of the hours, from that of the sending, to the time of day at which the message was
// due: a message that stood in a line does not make the next one later in the day. In the night that
// misses that time it is the first instant after the gap, in the one that has it twice the first. The
// error is ErrNever, when there are no such sending days.
func (w Wait) After(sent, due time.Time, hours Hours) (time.Time, error) {
	if !w.OfDates() {
		return sent.Add(w.Elapsed), nil
	}
	if due.IsZero() {
		due = sent
	}
	date, err := w.date(DateOf(sent.In(hours.Zone)), hours)
	if err != nil {
		return time.Time{}, err
	}
	due = due.In(hours.Zone)
	at := date.At(shows(due), hours.Zone)
	if DateOf(at) == date && shows(at) == shows(due) { // else it lies in a gap, and the instant after it is meant
		at = at.Add(time.Duration(due.Second())*time.Second + time.Duration(due.Nanosecond()))
	}
	return at, nil
}

// date is so many dates, or sending days, after another.
func (w Wait) date(from Date, hours Hours) (Date, error) {
	if w.Days > 0 {
		return from.Add(w.Days), nil
	}
	date, left := from, w.SendingDays
	for empty := 0; empty < Horizon; empty++ {
		if date = date.Add(1); !hours.SendsOn(date) {
			continue
		}
		empty = 0
		if left--; left == 0 {
			return date, nil
		}
	}
	return Date{}, ErrNever
}

// SendsOn is true of a date on which a window begins and that is no holiday. Without
// windows these are Monday to Friday.
func (h Hours) SendsOn(date Date) bool {
	if h.Holidays.Has(date) {
		return false
	}
	if len(h.Windows) == 0 {
		return Weekdays.Has(date.Weekday())
	}
	for _, window := range h.Windows {
		if window.Days.Has(date.Weekday()) {
			return true
		}
	}
	return false
}
