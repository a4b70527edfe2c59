// Package pattern holds regular expressions that are compiled when they are first needed.
// To compile those of inbound takes longer than most commands run, and only those that
// read a mail need them. It imports nothing of the project.
package pattern

import (
	"regexp"
	"strings"
	"sync"
)

// Pattern is a regular expression (package regexp) that is compiled at its first use.
type Pattern struct {
	compile func() *regexp.Regexp
}

// of is every pattern that was made.
var of []*Pattern

// New makes a pattern of an expression. An expression that does not compile panics at its
// first use; All finds it.
func New(expression string) *Pattern {
	p := &Pattern{compile: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })}
	of = append(of, p)
	return p
}

// AnyOf makes a pattern of alternatives.
func AnyOf(alternatives ...string) *Pattern {
	return New(strings.Join(alternatives, "|"))
}

// All compiles every pattern that was made by package variables, for tests and for a
// process that reads mail all the time.
func All() int {
	for _, p := range of {
		p.compile()
	}
	return len(of)
}

// MatchString is regexp's.
func (p *Pattern) MatchString(s string) bool { return p.compile().MatchString(s) }

// FindString is regexp's.
func (p *Pattern) FindString(s string) string { return p.compile().FindString(s) }

// FindStringIndex is regexp's.
func (p *Pattern) FindStringIndex(s string) []int { return p.compile().FindStringIndex(s) }

// FindStringSubmatch is regexp's.
func (p *Pattern) FindStringSubmatch(s string) []string { return p.compile().FindStringSubmatch(s) }

// FindStringSubmatchIndex is regexp's.
func (p *Pattern) FindStringSubmatchIndex(s string) []int {
	return p.compile().FindStringSubmatchIndex(s)
}

// FindSubmatch is regexp's.
func (p *Pattern) FindSubmatch(b []byte) [][]byte { return p.compile().FindSubmatch(b) }

// FindSubmatchIndex is regexp's.
func (p *Pattern) FindSubmatchIndex(b []byte) []int { return p.compile().FindSubmatchIndex(b) }

// FindAllString is regexp's.
func (p *Pattern) FindAllString(s string, n int) []string { return p.compile().FindAllString(s, n) }

// FindAllStringIndex is regexp's.
func (p *Pattern) FindAllStringIndex(s string, n int) [][]int {
	return p.compile().FindAllStringIndex(s, n)
}

// FindAllStringSubmatch is regexp's.
func (p *Pattern) FindAllStringSubmatch(s string, n int) [][]string {
	return p.compile().FindAllStringSubmatch(s, n)
}

// ReplaceAllString is regexp's.
func (p *Pattern) ReplaceAllString(s, with string) string {
	return p.compile().ReplaceAllString(s, with)
}

// ReplaceAllStringFunc is regexp's.
func (p *Pattern) ReplaceAllStringFunc(s string, with func(string) string) string {
	return p.compile().ReplaceAllStringFunc(s, with)
}

// Split is regexp's.
func (p *Pattern) Split(s string, n int) []string { return p.compile().Split(s, n) }
