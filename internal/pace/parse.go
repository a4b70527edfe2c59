package pace

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// LongestLength is the longest that ParseLength reads.
const LongestLength = 24 * time.Hour

var lengthText = regexp.MustCompile(`^([0-9]{1,5}[hms])+$`)

// ParseLength reads a gap or a jitter: 90s, 5m, 1h30m; a second at least and a day at most.
func ParseLength(text string) (time.Duration, error) {
	const expected = "expected for example 90s, 5m or 1h30m"
	if text != "" && strings.Trim(text, "0123456789") == "" {
		return 0, fmt.Errorf("%q has no unit; %s", text, expected)
	}
	length, err := time.ParseDuration(text)
	switch {
	case err != nil || !lengthText.MatchString(text):
		return 0, fmt.Errorf("%q is no length of time; %s", text, expected)
	case length == 0:
		return 0, fmt.Errorf("%q is no time at all; %s, or leave it out", text, expected)
	case length > LongestLength:
		return 0, fmt.Errorf("%q is longer than a day; %s", text, expected)
	}
	return length, nil
}

// MostMessages is the most that ParseCount reads.
const MostMessages = 1_000_000

// ParseCount reads how many messages: 1 to MostMessages.
func ParseCount(text string) (int, error) {
	count, err := strconv.Atoi(text)
	if err != nil || count < 1 || count > MostMessages {
		return 0, fmt.Errorf("%s is no number of messages; expected a whole number from 1 to %d", orNothing(text), MostMessages)
	}
	return count, nil
}

// ParseRamp reads 20+10: 20 on the first day, and 10 more on each further one.
func ParseRamp(text string) (ramp Ramp, err error) {
	const expected = "expected START+ADD, for example 20+10"
	start, add, both := strings.Cut(text, "+")
	if !both {
		return ramp, fmt.Errorf("%q is no ramp; %s", text, expected)
	}
	if ramp.Start, err = ParseCount(strings.TrimSpace(start)); err != nil {
		return Ramp{}, fmt.Errorf("%w; %s", err, expected)
	}
	if ramp.Add, err = ParseCount(strings.TrimSpace(add)); err != nil {
		return Ramp{}, fmt.Errorf("%w; %s", err, expected)
	}
	return ramp, nil
}

// String is the ramp as ParseRamp reads it.
func (r Ramp) String() string { return fmt.Sprintf("%d+%d", r.Start, r.Add) }

// ParseOrder reads follow-ups-first or fifo.
func ParseOrder(text string) (Order, error) {
	switch order := Order(text); order {
	case FollowUpsFirst, FIFO:
		return order, nil
	}
	return "", fmt.Errorf("%q is no order; expected %s or %s", text, FollowUpsFirst, FIFO)
}

// ParseWindows reads windows with a semicolon between them: 08:00-20:00, which is every day;
// mon-fri, which is whole days; or mon-fri 09:00-17:00; sat 10:00-12:00. The error is of the
// first that cannot be, or of two that overlap.
func ParseWindows(text string) ([]Window, error) {
	var windows []Window
	for part := range strings.SplitSeq(text, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		window, err := parseWindow(part)
		if err != nil {
			return nil, err
		}
		windows = append(windows, window)
	}
	if len(windows) == 0 {
		return nil, errors.New("there is no window; expected for example 08:00-20:00 or mon-fri 09:00-17:00")
	}
	if _, _, err := overlap(windows); err != nil {
		return nil, err
	}
	return windows, nil
}

func parseWindow(text string) (Window, error) {
	window := Window{From: 0, To: EndOfDay}
	timed := false
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' }) {
		from, to, span := strings.Cut(strings.ReplaceAll(word, "–", "-"), "-")
		switch {
		case strings.Contains(word, ":") && (!span || timed):
			return Window{}, fmt.Errorf("%q is no window; expected one begin and one end, for example 09:00-17:00", strings.TrimSpace(text))
		case strings.Contains(word, ":"):
			timed = true
			var err error
			if window.From, err = ParseClock(from); err != nil {
				return Window{}, err
			}
			if window.To, err = ParseClock(to); err != nil {
				return Window{}, err
			}
		default:
			first, err := ParseDay(from)
			last := first
			if err == nil && span {
				last, err = ParseDay(to)
			}
			if err != nil {
				return Window{}, err
			}
			for day := first; ; day = (day + 1) % 7 {
				window.Days |= On(day)
				if day == last {
					break
				}
			}
		}
	}
	if window.Days == 0 {
		window.Days = EveryDay
	}
	return window, window.Check()
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}
