package reply

import (
	"slices"
	"strconv"
	"strings"
	"sync"
)

// rule is one line of the table. A reply meets it if it meets every condition that is
// set; a condition that is left out is met by all.
type rule struct {
	phases   []Phase
	class    int      // 4 or 5: the basic code's first digit (RFC 5321 §4.2.1)
	codes    []int    // basic codes
	enhanced string   // "1.1", "7.": subject and detail of the enhanced code (RFC 3463 §2); a final dot means any detail
	about    subject  // the side that the words speak of (subject.go)
	text     *pattern // folded words
	unless   *pattern // folded words that speak against it
	links    bool     // text is looked for in links too
	greylist bool     // asks for a wait of greylisting's size
	verdict  Verdict
	reason   string
}

// table is every rule in the order in which they are tried; the first that is met
// decides. Words that say what happened come before the enhanced code, the enhanced
// code before the basic code: servers are careful with words and careless with numbers
// (a 550 5.1.1 for spam, a 450 for a mailbox that never was). Among words, those about
// the session's own state come first, then the sender, then the message and the
// recipient, and the vaguest ("try again later") last.
var table = slices.Concat(
	authRules,
	greylistRules,
	accountRules,
	limitRules,
	standingRules,
	blockRules,
	senderRules,
	spamRules,
	defectRules,
	subjectRules,
	mailboxRules,
	contentRules,
	transientRules,
	enhancedRules,
	codeRules,
)

// evidence is a reply made ready for the rules.
type evidence struct {
	phase    Phase
	code     int
	enhanced string // subject.detail: "1.1", or ""
	words    string
	linked   string
	about    func() subject
}

// Classify says what a reply means. It never fails: what no rule knows is judged by the
// class of its code, 4 as transient and 5 by its phase (RFC 5321 §4.2.1).
func Classify(r Reply) Judgement {
	e := evidenceOf(r)
	for i := range table {
		if table[i].met(e) {
			return table[i].judge(e)
		}
	}
	return Judgement{Verdict: Transient, Reason: "the server's answer is not one that a mail server should give here, so it is tried again (RFC 5321 §4.2)"}
}

func evidenceOf(r Reply) evidence {
	e := evidence{phase: r.Phase, code: r.Code}
	if e.phase == "" {
		e.phase = Rcpt
	}
	enhanced := strings.Trim(strings.TrimSpace(r.Enhanced), "#()[]")
	if enhanced == "" {
		enhanced = enhancedOf(r.Code, r.Text)
	}
	if class, detail, ok := strings.Cut(enhanced, "."); ok {
		e.enhanced = detail
		// A caller that has only the enhanced code still gives its class.
		if n, err := strconv.Atoi(class); err == nil && e.code == 0 && n >= 2 && n <= 5 {
			e.code = n * 100
		}
	}
	e.words, e.linked = fold(r.Text)
	e.about = sync.OnceValue(func() subject { return subjectOf(e.words) })
	return e
}

func (r *rule) met(e evidence) bool {
	if r.phases != nil && !slices.Contains(r.phases, e.phase) {
		return false
	}
	if r.class != 0 && r.class != e.code/100 {
		return false
	}
	if r.codes != nil && !slices.Contains(r.codes, e.code) {
		return false
	}
	if r.enhanced != "" && !coversAny(r.enhanced, e.enhanced) {
		return false
	}
	if r.about != nobody && r.about != e.about() {
		return false
	}
	if r.blamesRecipient() && r.phases == nil && !slices.Contains([]Phase{Rcpt, Data, Dot}, e.phase) {
		return false
	}
	if r.text != nil && !r.text.MatchString(e.words) && !(r.links && r.text.MatchString(e.linked)) {
		return false
	}
	if r.unless != nil && r.unless.MatchString(e.words) {
		return false
	}
	return !r.blamesRecipient() || e.about() != sender
}

// blamesRecipient says whether the rule is about a person's mailbox. Words about the
// sender are never held against it, whatever else they resemble, nor is what is said
// before RCPT, when no recipient has been named.
func (r *rule) blamesRecipient() bool {
	return r.verdict == HardBounce || r.verdict == SoftBounce && !r.greylist
}

// coversAny says whether one of the blank-separated patterns is code or, if the pattern
// ends in a dot, its beginning.
func coversAny(patterns, code string) bool {
	for p := range strings.FieldsSeq(patterns) {
		if p == code || strings.HasSuffix(p, ".") && strings.HasPrefix(code, p) {
			return true
		}
	}
	return false
}

func (r *rule) judge(e evidence) Judgement {
	j := Judgement{Verdict: r.verdict, Reason: r.reason, RetryAfter: retryAfter(r.verdict, e.words)}
	if r.greylist && j.RetryAfter == 0 {
		j.RetryAfter = greylistDelay
	}
	return j
}
