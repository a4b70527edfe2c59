package liquid

import (
	"strconv"
	"strings"
	"time"

	"github.com/osteele/tuesday"
)

// layouts are the ways to write a date that have one meaning. 03/04/2024 is not among
// them: it is March to some and April to others.
var layouts = []string{
	"2006-01-02", "2006-1-2", "2006/01/02", "2006/1/2", "2006.01.02", "20060102",
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "20060102T150405Z",
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -07:00", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05Z07:00",
	"2006/01/02 15:04:05", "2006/01/02 15:04",
	"2 January 2006", "2 Jan 2006", "January 2, 2006", "January 2 2006", "Jan 2, 2006", "Jan 2 2006", "2-Jan-2006", "2 January 2006 15:04", "2 Jan 2006 15:04",
	"Monday, January 2, 2006", "Monday, 2 January 2006", "Mon, 2 Jan 2006", "Mon Jan 2 2006",
	time.ANSIC, time.UnixDate, time.RubyDate, time.RFC850, time.RFC1123, time.RFC1123Z, "Mon, 2 Jan 2006 15:04:05 -0700",
}

// dateIn reads a text as a date. Digits alone are 20240314, or the ten digits of the
// seconds since 1970, or the thirteen of the milliseconds.
func dateIn(text string) (time.Time, bool) {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) < 8 || len(text) > 60 {
		return time.Time{}, false
	}
	if strings.Trim(text, "0123456789") == "" && len(text) != 8 {
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err == nil && len(text) == 10:
			return time.Unix(n, 0), true
		case err == nil && len(text) == 13:
			return time.UnixMilli(n), true
		}
		return time.Time{}, false
	}
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// dateOf is the moment that a value of a template names: now, today, seconds since 1970,
// or a date.
func dateOf(v any) (time.Time, bool) {
	switch v := v.(type) {
	case int:
		return time.Unix(int64(v), 0), v >= 0 && v < 1<<38
	case float64:
		return time.Unix(int64(v), 0), v >= 0 && v < 1<<38
	case string:
		if word := strings.ToLower(trimSpace(v)); word == "now" || word == "today" {
			return time.Now(), true
		}
		return dateIn(v)
	}
	return time.Time{}, false
}

// dateFilter is | date: format, in the letters of strftime.
func dateFilter(_ *run, call call) (any, error) {
	at, ok := dateOf(call.in.v)
	if !ok {
		text := display(call.in.v)
		return nil, valueFault(call.line, call.in, "writes "+named(call.in, text)+" as a date, which it is not: write it as 2024-03-31")
	}
	format := "%a, %b %d, %y"
	if len(call.args) > 0 {
		format = display(call.args[0].v)
	}
	if why := wrongFormat(format); why != "" {
		return nil, &fault{line: call.line, reason: why}
	}
	return tuesday.Strftime(format, at)
}

// directives are the letters that strftime knows.
const directives = "aAbBcCdDeFgGhHIjklLmMnNpPQrRsStTuUvVwWxXyYzZ+%"

// wrongFormat says what a format for dates would print that nobody means.
func wrongFormat(format string) string {
	if !strings.Contains(format, "%") {
		return "writes a date in the format " + quote(format) + ", which would be sent as it stands: write %Y-%m-%d, or %d %B %Y"
	}
	for rest := format; ; {
		_, after, found := strings.Cut(rest, "%")
		if !found {
			return ""
		}
		letter := strings.TrimLeft(after, "-_^#:0123456789EO")
		if letter == "" || !strings.Contains(directives, letter[:1]) || len(after)-len(letter) > 4 {
			return "writes a date in the format " + quote(format) + ", in which a % has no meaning: write %Y-%m-%d, or %d %B %Y"
		}
		rest = letter[1:]
	}
}
