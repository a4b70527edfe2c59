package inbound

import (
	"iter"

	"github.com/jhillyerd/enmime/v2"
)

// mostParts and mostDepth bound what is looked at of a tree that was made to be large.
const (
	mostParts = 200
	mostDepth = 30
)

// walk yields the parts of a tree, parents first.
func walk(root *enmime.Part) iter.Seq[*enmime.Part] {
	return func(yield func(*enmime.Part) bool) {
		left := mostParts
		var visit func(p *enmime.Part, depth int) bool
		visit = func(p *enmime.Part, depth int) bool {
			for ; p != nil; p = p.NextSibling {
				if left--; left < 0 || depth > mostDepth || !yield(p) {
					return false
				}
				if !visit(p.FirstChild, depth+1) {
					return false
				}
			}
			return true
		}
		visit(root, 0)
	}
}
