package reply

import (
	"regexp"
	"strings"
	"sync"
)

// pattern is an expression over folded words that is compiled once, when it is first
// needed: to compile the whole table takes longer than most commands of the CLI, which
// never see a reply, take to run.
type pattern struct {
	source   string
	once     sync.Once
	compiled *regexp.Regexp
}

// oneOf makes a pattern of alternatives.
func oneOf(alternatives ...string) *pattern {
	return &pattern{source: strings.Join(alternatives, "|")}
}

// MatchString says whether any alternative is found in words.
func (p *pattern) MatchString(words string) bool {
	p.once.Do(func() { p.compiled = regexp.MustCompile(anyLetter(p.source)) })
	return p.compiled.MatchString(words)
}

// anyLetter makes \w mean the letters of every script: to regexp it means ASCII, and
// неизвестн\w+ would end before its ending. \b stays ASCII's, so no word of another
// script may stand beside one.
func anyLetter(source string) string {
	var b strings.Builder
	inClass := false
	for i := 0; i < len(source); i++ {
		switch c := source[i]; {
		case c == '\\' && i+1 < len(source):
			i++
			switch {
			case source[i] != 'w':
				b.WriteString(source[i-1 : i+1])
			case inClass:
				b.WriteString(`\pL\pN_`)
			default:
				b.WriteString(`[\pL\pN_]`)
			}
			continue
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		}
		b.WriteByte(source[i])
	}
	return b.String()
}
