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
	p.once.Do(func() { p.compiled = regexp.MustCompile(p.source) })
	return p.compiled.MatchString(words)
}
