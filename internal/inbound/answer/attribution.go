package answer

import (
	"strings"

	"relance/internal/inbound/pattern"
)

// mostAttribution is over how many lines a program may break its attribution.
const mostAttribution = 5

// attributions are the lines before a quote that say who wrote it and when.
var attributions = pattern.New(`(?i)^[\s*>-]*(?:` + strings.Join([]string{
	`(?:on|at|in a message dated)\s.{6,300}[\s>](?:wrote|writes|said)\s?:?\**`,
	`.{1,200}[\s>](?:wrote|writes)(?:\s(?:on|at|the following)\s.{4,100})?\s?:`,
	`(?:am|um|en|den)\s.{6,300}\s(?:schrieb|hat\s.{1,100}geschrieben|schrieben).{0,200}:`,
	`.{1,200}\s(?:schrieb|schrieben)(?:\s(?:am|um)\s.{4,100})?\s?:`,
	`le\s.{6,300}\sa\s?(?:é|e\x{0301})crit\s?:`,
	`.{1,200}\sa\s(?:é|e\x{0301})crit(?:\sle\s.{4,100})?\s?:`,
	`(?:el|o|em|no dia)\s.{6,300}\s(?:escribi(?:ó|o)|escribe|escreveu|escreve)\s?:`,
	`.{1,200}\s(?:escribi(?:ó|o)|escreveu)(?:\s(?:el|em)\s.{4,100})?\s?:`,
	`(?:il(?:\sgiorno)?|in data)\s.{6,300}\s(?:ha\sscritto|scrive)\s?:`,
	`.{1,200}\sha\sscritto(?:\sil\s.{4,100})?\s?:`,
	`op\s.{6,300}\s(?:schreef|heeft\s.{1,100}geschreven).{0,200}:`,
	`.{1,200}\s(?:schreef|heeft\s.{0,100}geschreven)(?:\s(?:op|het volgende)\s?.{0,100})?\s?:`,
	`(?:den|p(?:å|a))\s.{6,300}\s(?:skrev|skrifar).{0,200}:`,
	`.{1,200}\s(?:skrev|kirjoitti|napsal(?:\(a\)|a)?|napisa(?:ł|l)(?:\(a\)|a)?|pisze|(?:í|i)rta|nap(?:í|i)sal(?:\(a\)|a)?|пишет|написал(?:\(а\)|а)?|писал|пише|написа(?:в|ла)|yazd(?:ı|i)|a scris)(?:\s\(.{4,60}\)|\s.{0,12}\d{1,4}[./-]\s?\d{1,2}.{0,30})?\s?:`,
	`(?:w dniu|dnia|dne|d(?:ň|n)a)\s.{6,300}:`,
	`.{6,300}(?:пишет|написал|написала)\s?.{0,200}:`,
	`(?:在|于|於).{4,200}(?:写道|寫道)\s?[:：]`,
	`.{4,200}(?:写道|寫道|のメール|さんは書きました|님이 작성)\s?[:：]?`,
	`\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}.{0,150}<[^<>\s]+@[^<>\s]+>\s?[:：]`,
	`.{0,100}<\s?[^<>\s]+@[^<>\s]+>\s*(?:\(.{4,60}\))?\s?[:：]`,
	// In any other language: a date, a time, an address, and a word or two.
	`.{0,60}\b\d{4}.{0,60}\d{1,2}[:.]\d{2}.{0,100}<[^<>\s]+@[^<>\s]+>[^\d<>@]{0,25}[:：]`,
}, "|") + `)[\s*-]*$`)

var (
	// bareAttribution is one without a word or a colon at its end, as old Gmail wrote it: only
	// a marked quote below it says what it is.
	bareAttribution = pattern.New(`^[\s*-]*\d{4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,2}.{0,150}<[^<>\s]+@[^<>\s]+>\s*$`)
	// bareWriter is a name and a word for writing, as some phones put them before a quote:
	// only a marked quote below it says what it is.
	bareWriter = pattern.New(`(?i)^\pL[\pL.'’-]*(?:\s+\pL[\pL.'’-]*){0,3}\s+(?:wrote|writes|schrieb|a (?:é|e\x{0301})crit|escribi(?:ó|o)|escreveu|ha scritto|schreef|skrev|kirjoitti|napsala?|napisa(?:ł|l)a?|(?:í|i)rta|пишет|пише|написала?|написав)\s?:$`)
	// runsOn is where an attribution begins within a line, right behind what the sender wrote.
	runsOn = pattern.New(`[\s-](?:On|Am|Le|El|Il giorno|Op|Den|Em)\s(?:\pL{2,10}[.,]{0,2}\s){0,2}\d{1,4}[\s.,/-]`)
	// opensAttribution begins an attribution, and no line that continues one.
	opensAttribution  = pattern.New(`(?i)^[\s*-]*(?:(?:on|am|le|el|em|il|in data|op|den|w dniu|in a message dated)\s|\pL{2,3}[.,]{1,2}\s\d{1,2}\s)`)
	startsAttribution = pattern.New(`(?i)^[\s*-]*(?:(?:on|at|am|um|le|el|o|em|il|in data|op|den|p(?:å|a)|w dniu|dnia|dne|d(?:ň|n)a|in a message|no dia)(?:[\s,]|$)|\pL{2,4}\.?,?\s\d{1,2}\b|\d{1,4}[-/.年]\s?\d{1,2}|在|于)`)
	writesWord        = pattern.New(`(?i)wrote|writes|schrieb|geschrieben|crit\b|escribi|escreve|scritto|scrive|schreef|geschreven|skrev|kirjoitti|naps|napis|pisze|[íi]rta\b|yazd|a scris|пише|написа|写道|寫道|@[^\s]+>[^\d<>@]{0,25}[:：]`)
	someDate          = pattern.New(`\d`)
	someYear          = pattern.New(`\b\d{4}\b`)
	someClock         = pattern.New(`\b\d{1,2}[:.]\d{2}\b`)
)

// attribution returns over how many lines the text begins with an attribution; 0 if it
// does not. Over several lines it must begin as one and have a date or an address in it,
// so that a sentence that ends in "he wrote:" stays; what the sender wrote right above it
// stays too.
func attribution(lines []string) int {
	first := strings.TrimSpace(lines[0])
	if first == "" || len(first) > 600 || !mayIntroduce(lines) {
		return 0
	}
	joined := ""
	for n := 1; n <= min(mostAttribution, len(lines)); n++ {
		line := strings.TrimSpace(lines[n-1])
		if line == "" && n > 1 {
			return 0
		}
		joined = strings.TrimSpace(joined + " " + line)
		if !writesWord.MatchString(joined) && n == 1 && !startsAttribution.MatchString(first) {
			return 0
		}
		if len(joined) <= 600 && attributions.MatchString(joined) && (someDate.MatchString(joined) || strings.Contains(joined, "@")) {
			if opensLater(lines[:n]) {
				return 0
			}
			return n
		}
		if n == 1 && bareWriter.MatchString(joined) && quoteFollows(lines[1:]) {
			return 1
		}
		if bareAttribution.MatchString(joined) && quoteFollows(lines[n:]) && !opensLater(lines[:n]) {
			return n
		}
	}
	return 0
}

// mayIntroduce says, at little cost, whether what every attribution has is in these lines: a
// digit, an address or a colon.
func mayIntroduce(lines []string) bool {
	for i, l := range lines[:min(len(lines), mostAttribution)] {
		l = strings.TrimSpace(l)
		if l == "" {
			return false
		}
		if strings.ContainsAny(l, "0123456789@") || i == 0 && strings.HasSuffix(l, ":") {
			return true
		}
	}
	return false
}

// ownBefore is what the sender has written in the line in which an attribution begins: some
// programs put no line end between the two.
func ownBefore(line string) string {
	at := runsOn.FindStringIndex(line)
	if at == nil {
		return ""
	}
	own := strings.TrimRight(line[:at[0]], " \t-")
	if strings.ContainsAny(own, "@<:") || startsAttribution.MatchString(own) {
		return ""
	}
	return own
}

// opensLater says whether an attribution begins below the first of these lines: then the
// first is the sender's own, with no empty line between. It begins with a word that begins
// one, or the line above it ends a sentence.
func opensLater(lines []string) bool {
	for k := 1; k < len(lines); k++ {
		if !opensAttribution.MatchString(lines[k]) && !endsSentence(lines[k-1]) {
			continue
		}
		rest := ""
		for _, l := range lines[k:] {
			rest = strings.TrimSpace(rest + " " + strings.TrimSpace(l))
		}
		if attributions.MatchString(rest) || bareAttribution.MatchString(rest) {
			return true
		}
	}
	return false
}

// endsSentence says whether a line ends a sentence. One with a day and a time of day in it may
// end with a company's name.
func endsSentence(line string) bool {
	line = strings.TrimSpace(line)
	return strings.ContainsAny(line[max(0, len(line)-1):], ".!?") && (!someYear.MatchString(line) || !someClock.MatchString(line))
}
