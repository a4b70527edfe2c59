package reply

import (
	"regexp"
	"strconv"
	"time"

	"relance/internal/verdict"
)

const (
	greylistDelay  = 10 * time.Minute // RFC 6647 §4.1: most lists open within minutes
	greylistLeast  = time.Minute
	greylistMost   = 6 * time.Hour
	accountRest    = time.Hour
	accountDayRest = 24 * time.Hour
	accountLeast   = time.Minute
	accountMost    = 48 * time.Hour
)

var (
	waitWords = regexp.MustCompile(`\b(\d{1,6}) ?-?(seconds?|secs?|s|minutes?|mins?|min|m|hours?|hrs?|h|days?|sekunden?|minuten|stunden?|secondes?|heures?|segundos?|minutos?|horas?)\b`)
	waitClock = regexp.MustCompile(`\b(\d{1,2}):(\d{2}):(\d{2})\b`)
	// A bare number of hours also sizes a quota ("500 messages per 24 hours"); only these words make it a wait.
	waitVerb = regexp.MustCompile(`(again|retry|wait|after|in|for|resend|back|delayed|greylisted|next|erneut|dans|en|over)\b[^.;]{0,30}$`)
	perTime  = regexp.MustCompile(`(per|every|each|last|past|/|within|a|limit of \d+ \w+ in)\s*$`)
	daily    = regexp.MustCompile(`dail?y|per day|a day|in (one|a) day|24[ -]?h|\btoday|tages|journalier|quotidien|diari[oa]|giornalier|dagelijks|dzienn|当天|суточн|dag\b|submissionquotaexceeded|refusequota|monthly|per month|credit|upgrade`)
	greyWait = regexp.MustCompile(`gr[ae]y|try again|retry|resend|wait|later|delay`)
)

// retryAfter derives how long to wait from folded words; 0 for verdicts that have no wait.
func retryAfter(v Verdict, words string) time.Duration {
	switch v {
	case AccountLimit:
		if d, ok := waitIn(words); ok {
			return min(max(d, accountLeast), accountMost)
		}
		if daily.MatchString(words) {
			return accountDayRest
		}
		return accountRest
	case SoftBounce, Transient:
		d, ok := waitIn(words)
		if ok && greyWait.MatchString(words) {
			return min(max(d, greylistLeast), greylistMost)
		}
	case AccountError, HardBounce, PolicyBlock, MessageDefect, verdict.BadNumber: // are not waited for
	}
	return 0
}

// waitIn finds the wait that the server names: "try again in 300 seconds", "after 00:04:30".
func waitIn(words string) (time.Duration, bool) {
	for _, m := range waitWords.FindAllStringSubmatchIndex(words, -1) {
		before := words[:m[0]]
		if perTime.MatchString(before) || !waitVerb.MatchString(before) {
			continue
		}
		n, err := strconv.Atoi(words[m[2]:m[3]])
		if err != nil || n == 0 {
			continue
		}
		return time.Duration(n) * unitOf(words[m[4]:m[5]]), true
	}
	if m := waitClock.FindStringSubmatch(words); m != nil && waitVerb.MatchString(words[:waitClock.FindStringIndex(words)[0]]) {
		h, _ := strconv.Atoi(m[1])
		mm, _ := strconv.Atoi(m[2])
		s, _ := strconv.Atoi(m[3])
		d := time.Duration(h)*time.Hour + time.Duration(mm)*time.Minute + time.Duration(s)*time.Second
		// A time of day looks the same; a greylist's wait is short.
		return d, d > 0 && d <= time.Hour
	}
	return 0, false
}

func unitOf(word string) time.Duration {
	switch word[0] {
	case 'd':
		return 24 * time.Hour
	case 'h':
		return time.Hour
	case 'm':
		return time.Minute
	case 's':
		if len(word) > 2 && word[1] == 't' { // Stunden
			return time.Hour
		}
	}
	return time.Second
}
