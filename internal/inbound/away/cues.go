package away

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"relance/internal/inbound/pattern"
)

// compiled is a language's cues, compiled when the first answer is read.
type compiled struct {
	name                                                       string
	verbSecond                                                 bool
	back, backAfter, through, throughTo, until, from, to, gone *regexp.Regexp
}

var cues = sync.OnceValue(func() []compiled {
	var all []compiled
	for _, l := range languages {
		// A last day right before the date, with articles and prepositions between.
		near := func(s string) *regexp.Regexp {
			return regexp.MustCompile(strings.TrimSuffix(strings.ReplaceAll(s, ")$", `)`), "$") + `(?: (?:on|the|le|la|el|il|den|dem|de|der|zum|and including|dia|op|am|l'|lo|kommenden|nachsten|coming|next|einschliesslich|inkl\.?|inclusief))*[ :]*$`)
		}
		all = append(all, compiled{
			name: l.name, verbSecond: l.name == "de" || l.name == "nl" || l.name == "sv", back: regexp.MustCompile(l.back), backAfter: regexp.MustCompile(l.backAfter),
			through: near(l.through), throughTo: regexp.MustCompile(l.throughTo), until: near(l.until), from: near(l.from),
			to: regexp.MustCompile(l.to), gone: regexp.MustCompile(l.gone),
		})
	}
	return all
})

// found is what a cue says of a date, and where the words are that say it.
type found struct {
	language   string
	inclusive  bool
	rank       int // how much it says: a return most
	start, end int
}

// How far a cue may stand from its date, in bytes of the page.
const (
	cueBefore = 45
	cueAfter  = 35
	goneFar   = 70
)

const (
	rankUntil = iota + 1 // "until", and nothing near speaks of absence
	rankGone             // a day or a week of absence
	rankSure             // the end of an absence, or a return
	rankBack             // a return in words of its own; of several languages this one is right
)

// cueFor finds what the words around the i-th date of the page say of it; of several
// languages the one that says most.
func (p page) cueFor(all []date, i int) (found, bool) {
	d := all[i]
	previous, next := 0, len(p.text)
	if i > 0 {
		previous = all[i-1].end
	}
	if i+1 < len(all) {
		next = all[i+1].start
	}
	best := found{}
	for _, c := range cues() {
		f, ok := p.cueIn(c, d, previous, next, i > 0)
		if ok && f.rank > best.rank {
			best = f
		}
	}
	return best, best.rank > 0
}

func (p page) cueIn(c compiled, d date, previous, next int, second bool) (found, bool) {
	from := max(previous, d.start-cueBefore)
	before := afterBreak(p.text[from:d.start])
	from = d.start - len(before)
	after := beforeBreak(p.text[d.end:min(next, d.end+cueAfter)])
	near := strings.TrimRight(before, " ")
	between := strings.Trim(p.text[previous:d.start], " ,.()")
	f := found{language: c.name, start: from, end: d.end}
	at := func(loc []int) found {
		f.start = from + loc[0]
		return f
	}
	inclusive := c.throughTo.FindStringIndex(after)
	if inclusive != nil && strings.TrimSpace(after[:inclusive[0]]) == "" || inclusive != nil && inclusive[0] < 12 {
		f.inclusive, f.end = true, d.end+inclusive[1]
	}
	isRange := second && c.to.MatchString(between)
	if loc := c.through.FindStringIndex(near); loc != nil {
		f.inclusive, f.rank = true, p.sure(c, d)
		return at(loc), true
	}
	if loc := c.until.FindStringIndex(near); loc != nil && !isRange {
		// "I will not be back until 12 May" is a return, and "until" says no more.
		f.rank = p.sure(c, d)
		return at(loc), true
	}
	if isRange || d.ranged {
		f.inclusive, f.rank, f.start = true, rankSure, max(0, previous-25)
		if !isRange {
			f.start = from
		}
		return f, p.sure(c, d) == rankSure
	}
	if loc := last(c.back, before); loc != nil && !(d.span && promise.MatchString(before)) {
		f.rank = rankBack
		return at(loc), true
	}
	if loc := c.backAfter.FindStringIndex(after); loc != nil && !d.vague {
		f.rank, f.end = rankBack, d.end+loc[1]
		return f, true
	}
	if c.from.MatchString(near) || d.vague {
		return f, false // when it began
	}
	if f.inclusive {
		f.rank = p.sure(c, d)
		return f, true
	}
	if loc := last(c.gone, before); loc != nil {
		f.inclusive, f.rank = true, rankGone
		return at(loc), true
	}
	// "Diese Woche bin ich nicht im Büro": the verb comes second, and the rest behind.
	if loc := c.gone.FindStringIndex(after); loc != nil && (c.verbSecond || d.lastDay) {
		f.inclusive, f.rank, f.end = true, rankGone, d.end+loc[1]
		return f, true
	}
	return f, false
}

// sure is the rank of a last day: words of absence or return stand near it, on either side.
func (p page) sure(c compiled, d date) int {
	near := p.text[max(0, d.start-goneFar):min(len(p.text), d.end+goneFar)]
	if c.gone.MatchString(near) || c.back.MatchString(near) {
		return rankSure
	}
	return rankUntil
}

// last is where the last match lies.
func last(re *regexp.Regexp, text string) []int {
	all := re.FindAllStringIndex(text, -1)
	if all == nil {
		return nil
	}
	return all[len(all)-1]
}

// promise is how machines say how long an answer takes: "get back to you within two days".
var promise = pattern.New(`\b(?:get|getting|come|coming|reply|respond|answer|contact|reach out|be in touch|write)\b`)

var (
	sentenceEnd = pattern.New(`[!?;¶]|[a-z)]\. `)
	// abbreviated are words whose dot ends no sentence.
	abbreviated = pattern.New(`(?:^|[^a-z])(?:inkl|einschl|incl|ca|bzw|spat|a\.s|m|mo|di|mi|do|fr|sa|so|mon|tues?|wed|thurs?|fri|sat|sun|lun|mar|mer|jeu|ven|sam|dim|jan|feb|apr|jun|jul|aug|sept?|oct|okt|nov|dec|dez|kl|approx|max|voraus|vorauss|e|t|st|nr)\. $`)
)

// breaks are where sentences end in a text.
func breaks(text string) [][]int {
	all := sentenceEnd.FindAllStringIndex(text, -1)
	return slices.DeleteFunc(all, func(loc []int) bool { return abbreviated.MatchString(text[:loc[1]]) })
}

// afterBreak is what of a text comes after its last sentence.
func afterBreak(text string) string {
	if all := breaks(text); len(all) > 0 {
		return text[all[len(all)-1][1]:]
	}
	return text
}

// beforeBreak is the rest of a sentence.
func beforeBreak(text string) string {
	if all := breaks(text); len(all) > 0 {
		return strings.TrimSuffix(text[:all[0][1]], ". ")
	}
	return text
}
