package liquid

import (
	"regexp"
	"strings"
	"unicode"
)

// pieceKind is what a piece of a template is.
type pieceKind int

const (
	textPiece   pieceKind = iota // sent as it stands
	outputPiece                  // {{ expression }}
	tagPiece                     // {% name arguments %}
)

// piece is a stretch of a template.
type piece struct {
	kind pieceKind
	line int
	// text is what stands in the template, or for outputs and tags the expression.
	text string
	name string // of a tag
	raw  bool   // a text within {% raw %}: it is meant as it stands
}

// scan cuts a template into pieces, without its comments, and trims the texts beside
// {{- and -}}. It reports each mark that has no counterpart: such a mark would be sent.
func scan(template string, report func(line int, format string, args ...any)) []piece {
	s := scanner{rest: template, line: 1, report: report}
	for s.rest != "" {
		s.next()
	}
	return s.pieces
}

type scanner struct {
	rest   string
	line   int
	pieces []piece
	trim   bool // the last mark was -}} or -%}
	report func(line int, format string, args ...any)
}

// next takes the text up to a mark, and the mark.
func (s *scanner) next() {
	at := strings.IndexByte(s.rest, '{')
	for at >= 0 && !strings.HasPrefix(s.rest[at:], "{{") && !strings.HasPrefix(s.rest[at:], "{%") {
		next := strings.IndexByte(s.rest[at+1:], '{')
		if next < 0 {
			at = -1
			break
		}
		at += 1 + next
	}
	if at < 0 {
		at = len(s.rest)
	}
	if at > 0 {
		s.text(s.take(at), false)
	}
	if s.rest == "" {
		return
	}
	open, closing := s.rest[:2], "}}"
	if open == "{%" {
		closing = "%}"
	}
	end := closedBy(s.rest[2:], closing)
	if end < 0 {
		s.report(s.line, "has a %s without its %s: %s", open, closing, closeIt(s.rest))
		s.text(s.take(2), false)
		return
	}
	line := s.line
	inner := s.take(2 + end + 2)[2 : 2+end]
	if strings.HasPrefix(inner, "-") && !strings.HasPrefix(inner, "--") {
		inner = inner[1:]
		s.trimLeft()
	}
	s.trim = strings.HasSuffix(inner, "-")
	inner = trimSpace(strings.TrimSuffix(inner, "-"))
	if open == "{{" {
		s.pieces = append(s.pieces, piece{kind: outputPiece, line: line, text: inner})
		if strings.HasPrefix(s.rest, "}") && !s.openBrace() {
			s.report(line, "has three braces behind %s: write two, as {{ first_name }}", shorten(inner, 40))
		}
		return
	}
	name := tagName.FindString(inner)
	switch arguments := trimSpace(inner[len(name):]); {
	case name == "raw" || name == "comment":
		s.block(name, line)
	case name != "#": // {% # a remark %}
		s.pieces = append(s.pieces, piece{kind: tagPiece, line: line, name: name, text: arguments})
	}
}

// openBrace is true when a single brace was opened before and not closed: {a: {{ b }}}.
func (s *scanner) openBrace() bool {
	open := 0
	for _, piece := range s.pieces {
		if piece.kind == textPiece {
			open += strings.Count(piece.text, "{") - strings.Count(piece.text, "}")
		}
	}
	return open > 0
}

var tagName = regexp.MustCompile(`^(#|[\pL\pN_]+)`)

// block takes what stands between {% raw %} or {% comment %} and its end.
func (s *scanner) block(name string, line int) {
	end := blockEnds[name].FindStringIndex(s.rest)
	if end == nil {
		s.report(line, "begins a %s that is never closed: write {%% end%s %%} behind it", name, name)
		s.take(len(s.rest))
		return
	}
	inner := s.take(end[0])
	mark := s.take(end[1] - end[0])
	if name == "raw" {
		s.text(inner, true)
	}
	s.trim = strings.HasSuffix(mark, "-%}")
}

var blockEnds = map[string]*regexp.Regexp{
	"raw":     regexp.MustCompile(`\{%-?\s*endraw\s*-?%\}`),
	"comment": regexp.MustCompile(`\{%-?\s*endcomment\s*-?%\}`),
}

// text adds a text, which begins where s was before it was taken.
func (s *scanner) text(text string, raw bool) {
	line := s.line - strings.Count(text, "\n")
	if s.trim && !raw {
		trimmed := strings.TrimLeftFunc(text, unicode.IsSpace)
		line += strings.Count(text[:len(text)-len(trimmed)], "\n")
		text = trimmed
	}
	s.trim = false
	for _, mark := range []string{"}}", "%}"} {
		if at := strings.Index(text, mark); at >= 0 && !raw {
			s.report(line+strings.Count(text[:at], "\n"), "has a %s without its %s", mark, map[string]string{"}}": "{{", "%}": "{%"}[mark])
		}
	}
	s.pieces = append(s.pieces, piece{kind: textPiece, line: line, text: text, raw: raw})
}

func (s *scanner) trimLeft() {
	if n := len(s.pieces); n > 0 && s.pieces[n-1].kind == textPiece && !s.pieces[n-1].raw {
		s.pieces[n-1].text = strings.TrimRightFunc(s.pieces[n-1].text, unicode.IsSpace)
	}
}

func (s *scanner) take(n int) string {
	taken := s.rest[:n]
	s.rest = s.rest[n:]
	s.line += strings.Count(taken, "\n")
	return taken
}

// closedBy is where the mark that closes an expression begins, quoted ones aside;
// -1 when there is none before the next expression.
func closedBy(rest, closing string) int {
	quote := byte(0)
	for i := range len(rest) {
		switch c := rest[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			} else if c == '\n' {
				return plainlyClosedBy(rest, closing) // an apostrophe, and no quote
			}
		case c == '"' || c == '\'':
			quote = c
		case strings.HasPrefix(rest[i:], closing):
			return i
		case strings.HasPrefix(rest[i:], "{%") || i > 0 && strings.HasPrefix(rest[i:], "{{"):
			return -1
		}
	}
	return plainlyClosedBy(rest, closing)
}

// plainlyClosedBy is closedBy where the quotes are not closed themselves.
func plainlyClosedBy(rest, closing string) int {
	end := strings.Index(rest, closing)
	if next := strings.Index(rest, "{{"); next >= 0 && next < end {
		return -1
	}
	return end
}

var begun = regexp.MustCompile(`^\{[{%]-?\s*([\pL_][\pL\pM\pN_.-]*)`)

// closeIt says what to write where a mark is not closed.
func closeIt(rest string) string {
	mark := map[bool]string{true: "{{ %s }}", false: "{%% %s … %%}"}[rest[1] == '{']
	if found := begun.FindStringSubmatch(rest); found != nil {
		return "write " + strings.NewReplacer("%s", shorten(found[1], 40), "%%", "%").Replace(mark)
	}
	return "close it, or put it between {% raw %} and {% endraw %} when it is meant as it stands"
}

func trimSpace(s string) string { return strings.TrimFunc(s, unicode.IsSpace) }
