package away

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"relance/internal/inbound/pattern"
)

// date is a date as it stands in a page, not yet a day of the calendar.
type date struct {
	start, end int
	day        int
	month      int
	year       int
	slashed    bool // which of day and month came first depends on the language
	vague      bool // without year or final dot: "12.01", which may be a time
	noMonth    bool // a day of the month alone: "the 10th"
	span       bool // a number of days or weeks from now
	ranged     bool // the second of two days of a month: "July 10-31"
	lastDay    bool // names the last day of something: "end of July", "this week"
	weekday    *time.Weekday
	relative   func(today time.Time) time.Time
}

type form struct {
	pattern *regexp.Regexp
	read    func(g []string, d *date) bool
}

var monthNumbers, weekdayNumbers = sync.OnceValue(months), sync.OnceValue(weekdays)

// forms are the ways to write a date, the surest first. They are compiled when the first
// answer is read.
var forms = sync.OnceValue(func() []form {
	month, weekday := alternatives(monthNumbers()), alternatives(weekdayNumbers(), shortWeekdays...)
	number := `\d{1,2}|` + alternatives(numberWords)
	units := `days?|weeks?|months?|tag(?:e|en)?|wochen?|monat(?:e|en)?|jours?|semaines?|mois|dias?|semanas?|mes(?:es)?|giorn[oi]|settiman[ae]|mes[ei]|dag(?:en|ar)?|weken|maand(?:en)?|veck(?:a|or)|manad(?:er)?|werktage?n?|working days|business days|jours ouvres`
	return []form{
		{regexp.MustCompile(`\b(\d{4})-(\d{1,2})-(\d{1,2})\b`), func(g []string, d *date) bool {
			d.year, d.month, d.day = num(g[1]), num(g[2]), num(g[3])
			return true
		}},
		{regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th|er|:e|\.|o)?(?: ?(?:-|to|through|thru|bis(?: zum)?|au|al|tot(?: en met)?|t/m|till|a|and|und|et|y|e|&) ?(?:the |dem )?(\d{1,2})(?:st|nd|rd|th|er|:e|\.|o)?)? ?(?:of |de |di |d'|del )?(` + month + `)\b\.?(?:,? ?(?:de |del )?(20\d{2})\b)?`), func(g []string, d *date) bool {
			d.day, d.month, d.year = num(g[1]), int(monthNumbers()[g[3]]), num(g[4])
			if g[2] != "" {
				d.day, d.ranged = num(g[2]), true
			}
			return true
		}},
		{regexp.MustCompile(`\b(` + month + `)\.? (\d{1,2})(?:st|nd|rd|th)?\b(?: ?(?:-|to|through|thru|until|till|and|&) ?(?:the )?(\d{1,2})(?:st|nd|rd|th)?\b)?(?:,? ?(20\d{2})\b)?`), func(g []string, d *date) bool {
			d.day, d.month, d.year = num(g[2]), int(monthNumbers()[g[1]]), num(g[4])
			if g[3] != "" {
				d.day, d.ranged = num(g[3]), true
			}
			return true
		}},
		{regexp.MustCompile(`\b(\d{1,2})\. ?(\d{1,2})\.(?: ?(20\d{2}|\d{2})\b)?`), func(g []string, d *date) bool {
			d.day, d.month, d.year = num(g[1]), num(g[2]), num(g[3])
			return true
		}},
		{regexp.MustCompile(`\b(\d{1,2})/(\d{1,2})(?:/(20\d{2}|\d{2}))?\b`), func(g []string, d *date) bool {
			d.day, d.month, d.year, d.slashed = num(g[1]), num(g[2]), num(g[3]), true
			return g[0] != "24/7"
		}},
		{regexp.MustCompile(`\b(\d{1,2})-(\d{1,2})-(20\d{2}|\d{2})\b`), func(g []string, d *date) bool {
			d.day, d.month, d.year, d.slashed = num(g[1]), num(g[2]), num(g[3]), true
			return true
		}},
		{regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)\b`), dayOnly},
		{regexp.MustCompile(`\b(?:zum|am|dem|den) (\d{1,2})\. `), dayOnly},
		{regexp.MustCompile(`\b(?:jusqu'au|retour le|reviens le|reviendrai le|a partir du|hasta el|el dia|vuelvo el|regreso el|volvere el|fino al|rientro il|rientrero il|torno il|tornero il|ate dia|ate o dia|no dia|tot|tot en met|t/m|tot de|terug op|vanaf|till den|den) (\d{1,2})(?:e|de|ste)?\b`), dayOnly},
		{regexp.MustCompile(`\b(\d{1,2})[.-](\d{1,2})\b`), func(g []string, d *date) bool {
			d.day, d.month, d.vague = num(g[1]), num(g[2]), true
			return true
		}},
		{regexp.MustCompile(`\b(?:the )?(?:end|last day|ende|fin|finales|final|fine|eind(?:e)?|slutet|fim) (?:of |du |de la |de |del |della |di |van |av |do )?(?:the |de |het )?(this |current |next |nachster |nachsten |der |dieser |des |month|` + month + `)\b ?(month|week|monats?|woche|mois|semaine|mes|semana|mese|settimana|maand|manaden|veckan)?\b`), readEnd},
		{regexp.MustCompile(`\b(?:early|beginning of|start of|anfang|debut|principios de|inizio|begin|borjan av|inicio de)(?: d'| de)? ?(` + month + `)\b`), func(g []string, d *date) bool {
			d.day, d.month = 7, int(monthNumbers()[g[1]])
			return true
		}},
		{regexp.MustCompile(`\b(?:mid|middle of|mitte|mi|mediados de|meta|half|medio|mitten av|meados de)[ -](` + month + `)\b`), func(g []string, d *date) bool {
			d.day, d.month = 16, int(monthNumbers()[g[1]])
			return true
		}},
		{regexp.MustCompile(`\b(?:in|within|for|for the next|dans|en|tra|fra|over|binnen|em|om|innerhalb von|fur|pendant|durante|per|voor|gedurende|i) (?:the next |die nachsten |les |los proximos |de komende )?(` + number + `) (` + units + `)\b`), readSpan},
		{regexp.MustCompile(`\b(?:the day after tomorrow|ubermorgen|apres-demain|pasado manana|dopodomani|overmorgen|i overmorgon|depois de amanha)\b`), relative(2)},
		{regexp.MustCompile(`\b(?:tomorrow|morgen|demain|manana|domani|amanha|imorgon|i morgon)\b`), relative(1)},
		{regexp.MustCompile(`\b(?:today|heute|aujourd'hui|hoy|oggi|vandaag|hoje|idag|i dag)\b`), func(_ []string, d *date) bool {
			d.relative, d.lastDay = func(today time.Time) time.Time { return today }, true
			return true
		}},
		{regexp.MustCompile(`\b(?:this week|diese woche|dieser woche|cette semaine|esta semana|questa settimana|deze week|denna vecka|the rest of the week|rest der woche)\b`), func(_ []string, d *date) bool {
			d.relative, d.lastDay = func(today time.Time) time.Time { return mondayAfter(today).AddDate(0, 0, -1) }, true
			return true
		}},
		{regexp.MustCompile(`\b(?:next week|nachster? woche|nachsten woche|kommenden? woche|(?:la )?semaine prochaine|(?:la )?(?:proxima semana|semana que viene)|(?:la )?(?:prossima settimana|settimana prossima)|volgende week|nasta vecka|semana que vem)\b`), func(_ []string, d *date) bool {
			d.relative = mondayAfter
			return true
		}},
		{regexp.MustCompile(`\b(?:(next|following) )?(` + weekday + `)\b(?:,? (next|prochain|proximo|prossimo|que viene|que vem|aanstaande|a\.s\.))?`), func(g []string, d *date) bool {
			w := weekdayNumbers()[g[2]]
			d.relative = func(today time.Time) time.Time { return nextWeekday(today, w) }
			d.weekday = &w
			return true
		}},
	}
})

// dayOnly reads "until the 10th": the next such day of a month.
func dayOnly(g []string, d *date) bool {
	d.day, d.noMonth = num(g[1]), true
	return true
}

func num(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func relative(days int) func([]string, *date) bool {
	return func(_ []string, d *date) bool {
		d.relative = func(today time.Time) time.Time { return today.AddDate(0, 0, days) }
		return true
	}
}

func readEnd(g []string, d *date) bool {
	d.lastDay = true
	if m, ok := monthNumbers()[strings.TrimSpace(g[1])]; ok {
		d.month, d.day = int(m), 99 // resolve makes it the month's last
		return true
	}
	unit := g[2]
	if strings.HasPrefix(g[1], "month") {
		unit = "month"
	}
	switch {
	case strings.HasPrefix(unit, "w"), strings.HasPrefix(unit, "se"), strings.HasPrefix(unit, "ve"):
		d.relative = func(today time.Time) time.Time { return mondayAfter(today).AddDate(0, 0, -1) }
	case strings.HasPrefix(unit, "m"):
		d.relative = func(today time.Time) time.Time {
			return time.Date(today.Year(), today.Month()+1, 0, 0, 0, 0, 0, time.UTC)
		}
	default:
		return false
	}
	return true
}

func readSpan(g []string, d *date) bool {
	n := num(g[1])
	if n == 0 {
		n = numberWords[g[1]]
	}
	if n == 0 {
		return false
	}
	unit := g[2]
	d.span = true
	d.relative = func(today time.Time) time.Time {
		switch {
		case strings.HasPrefix(unit, "week"), strings.HasPrefix(unit, "wo"), strings.HasPrefix(unit, "sem"), strings.HasPrefix(unit, "sett"), strings.HasPrefix(unit, "weken"), strings.HasPrefix(unit, "veck"):
			return today.AddDate(0, 0, 7*n)
		case strings.HasPrefix(unit, "mon"), strings.HasPrefix(unit, "moi"), strings.HasPrefix(unit, "mes"), strings.HasPrefix(unit, "maand"), strings.HasPrefix(unit, "manad"):
			return today.AddDate(0, n, 0)
		case strings.HasPrefix(unit, "werk"), strings.HasPrefix(unit, "working"), strings.HasPrefix(unit, "business"), strings.HasPrefix(unit, "jours ouvr"):
			return today.AddDate(0, 0, n+2*((n+4)/5))
		}
		return today.AddDate(0, 0, n)
	}
	return true
}

func mondayAfter(today time.Time) time.Time { return nextWeekday(today, time.Monday) }

// nextWeekday is the first such day after today.
func nextWeekday(today time.Time, w time.Weekday) time.Time {
	ahead := (int(w-today.Weekday())+6)%7 + 1
	return today.AddDate(0, 0, ahead)
}

var (
	weekdayBefore = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b(` + alternatives(weekdayNumbers()) + `)\b\.?,? ?(?:the |den |dem |le |el |il |dia |de |am )?$`)
	})
	phoneBefore = pattern.New(`(?:\b(?:tel|telefon|telefono|telephone|phone|fax|mobil|mobile|cell|handy|durchwahl|ext|call|gsm|movil|portable|telefoon)\b[^a-z]{0,25}|\+ ?\d[\d ()/.-]{0,20}|[\d/.-])$`)
	// "02.03.-13.03." and "3/2-3/6" are two dates.
	rangeBefore = pattern.New(`(?:^|[^\d./])\d{1,2}[./]\d{1,2}\.?(?:20\d\d|\d\d)?-$`)
	rangeAfter  = pattern.New(`^-\d{1,2}[./]\d{1,2}(?:[^\d]|$)`)
	numberAfter = pattern.New(`^(?:[./-]?\d|:\d|/|-\d| ?(?:uhr|h\b|am\b|pm\b|a\.m|p\.m|%|eur|€))`)
)

// dates finds the dates of a page, in their order, none overlapping another.
func (p page) dates() []date {
	var found []date
	taken := func(start, end int) bool {
		return slices.ContainsFunc(found, func(d date) bool { return start < d.end && end > d.start })
	}
	for _, f := range forms() {
		for _, at := range f.pattern.FindAllStringSubmatchIndex(p.text, 100) {
			if taken(at[0], at[1]) {
				continue
			}
			groups := make([]string, len(at)/2)
			for i := range groups {
				if at[2*i] >= 0 {
					groups[i] = p.text[at[2*i]:at[2*i+1]]
				}
			}
			d := date{start: at[0], end: at[1]}
			if !f.read(groups, &d) {
				continue
			}
			if d.noMonth && !strings.HasPrefix(groups[0], groups[1]) {
				d.start, d.end = at[2], at[3] // what stands before the day is its cue
			}
			if !p.isDate(d) {
				continue
			}
			if d.relative == nil {
				// "Monday, 12 May": the weekday belongs to the date, and proves it.
				if m := weekdayBefore().FindStringSubmatchIndex(p.text[:d.start]); m != nil {
					w := weekdayNumbers()[p.text[m[2]:m[3]]]
					d.weekday, d.start = &w, m[0]
				}
			}
			found = append(found, d)
		}
	}
	slices.SortFunc(found, func(a, b date) int { return a.start - b.start })
	return found
}

// isDate says whether what looks like a date is none of a telephone number, a time, an
// amount.
func (p page) isDate(d date) bool {
	if d.relative != nil || d.day == 99 {
		return true
	}
	if d.day < 1 || d.month < 1 && !d.noMonth || d.day > 31 || d.month > 31 {
		return false
	}
	before, after := p.text[max(0, d.start-40):d.start], p.text[d.end:min(len(p.text), d.end+12)]
	return (!phoneBefore.MatchString(before) || rangeBefore.MatchString(before)) && (!numberAfter.MatchString(after) || rangeAfter.MatchString(after))
}
